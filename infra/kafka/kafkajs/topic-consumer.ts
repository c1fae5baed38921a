import { setTimeout } from 'node:timers/promises'
import type { Broker, Cluster } from 'kafkajs'
import type { KafkaConnection, KafkaOffsets } from '../client.ts'
import type { FetchAnswer, PartitionAnswer } from './fetch-answer.ts'
import kafkajs from 'kafkajs'
import { MillraceError } from '#schemas/errors.ts'
import { wakeUps } from '#schemas/wake-ups.ts'
import { kafkajsClient } from './client.ts'
import { clusterOf } from './cluster.ts'
import { kafkajsFailure } from './failures.ts'
import { readableEnd, readAnswer } from './fetch-answer.ts'
import { partitionQueue, type PartitionQueue } from './partition-queue.ts'

export interface TopicConsumerOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  /** A fetch that finds nothing waits so long for a record; a partition followed anew waits for the fetch under way. */
  readonly maxWaitMs: number
  readonly requestTimeoutMs: number
  /** Bytes of one answer. */
  readonly fetchBytes: number
  /** Bytes held for one partition beyond which it is not fetched. */
  readonly partitionBytes: number
  /** Bytes held for all partitions beyond which only those that hold nothing are fetched. */
  readonly consumerBytes: number
  /** Called once, when the consumer has failed or was ended. */
  readonly onOver: () => void
}

/** Reads one topic over connections of its own, each partition from one position. */
export interface TopicConsumer {
  readonly topic: string
  has(partition: number): boolean
  add(partition: number, offset: number): PartitionQueue
  remove(queue: PartitionQueue): void
  queues(): readonly PartitionQueue[]
  /** False for a partition whose reader is behind: it is not being fetched. */
  hasRoom(queue: PartitionQueue): boolean
  /** When an answer last came to a fetch that asked for it, `performance.now()`. */
  answeredAt(queue: PartitionQueue): number
  /** Ends every queue with this error, and the consumer. */
  fail(error: MillraceError): void
}

/** While some partitions wait for their readers, a fetch of the others is not to keep them waiting. */
const hurriedWaitMs = 20
/** Answers without a record of a partition that has some, after which it is asked for by itself. */
const patience = 20
/** Answers that leave so much of their bytes unused had room for every partition. */
const roomy = 0.5
/**
 * After an answer with less than this share of what it may hold the next fetch waits a little: one for each record of a
 * steady stream, and a batch for what it brings, take more of the machine than the events do.
 */
const trickle = 1 / 16
const gatherMs = 10

interface Followed {
  readonly queue: PartitionQueue
  /** Answers in a row that held nothing of this partition although there is something to read. */
  empty: number
  isAskedAlone: boolean
  /** When an answer last came to a fetch that asked for it. */
  answeredAt: number
}

/**
 * One fetch at a time to each broker that leads partitions of the topic. A trouble with one partition's offset ends that partition's queue;
 * any other ends them all: what a reader has cached may be older than what others wrote meanwhile, and positions are its business.
 */
export function topicConsumer(options: TopicConsumerOptions): TopicConsumer {
  const { connection, topic, maxWaitMs, requestTimeoutMs, fetchBytes, partitionBytes, consumerBytes } = options
  const client = kafkajsClient(connection, { requestTimeoutMs, retries: 1 })
  const cluster = clusterOf(client)
  const followed = new Map<number, Followed>()
  /** By the broker that leads them. */
  const led = new Map<string, readonly Followed[]>()
  const moved = wakeUps()
  const roomMade = wakeUps()
  const over = new AbortController()

  function heldBytes(): number {
    let bytes = 0
    for (const { queue } of followed.values()) bytes += queue.bytes()
    return bytes
  }

  function hasRoom(queue: PartitionQueue, held = heldBytes()): boolean {
    return queue.bytes() === 0 || (queue.bytes() < partitionBytes && held < consumerBytes)
  }

  function fail(error: MillraceError): void {
    if (over.signal.aborted) return
    over.abort()
    for (const { queue } of followed.values()) queue.fail(error)
    followed.clear()
    client.abandon()
    moved.wake()
    roomMade.wake()
    options.onOver()
  }

  async function start(): Promise<void> {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
    while (!over.signal.aborted) {
      for (const node of findLeaders()) void guarded(fetchFrom(node))
      roomMade.wake()
      await moved.wait()
    }
  }

  async function guarded(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      fail(kafkajsFailure(error, `a fetch of ${topic}`, { topic }))
    }
  }

  /** Says again who leads what is followed; the brokers met for the first time. Partitions that nobody leads fail. */
  function findLeaders(): readonly string[] {
    const known = cluster.findLeaderForPartitions(topic, [...followed.keys()])
    const fresh = Object.keys(known).filter((node) => !led.has(node))
    for (const node of [...led.keys(), ...fresh]) {
      led.set(
        node,
        (known[node] ?? []).flatMap((partition) => followed.get(partition) ?? []),
      )
    }
    const found = new Set(Object.values(known).flat())
    for (const partition of followed.keys()) if (!found.has(partition)) end(partition, leaderless(topic, partition))
    return fresh
  }

  async function fetchFrom(node: string): Promise<void> {
    while (!over.signal.aborted) {
      const mine = (led.get(node) ?? []).filter((one) => followed.get(one.queue.partition) === one)
      const held = heldBytes()
      const due = mine.filter(({ queue }) => hasRoom(queue, held))
      if (due.length === 0) {
        await roomMade.wait()
        continue
      }
      const broker = await cluster.findBroker({ nodeId: node })
      const alone = due.find(({ isAskedAlone }) => isAskedAlone)
      const asked = alone === undefined ? due : [alone]
      const bytes = await fetchOnce(broker, asked, due.length === mine.length ? maxWaitMs : hurriedWaitMs)
      if (bytes > 0 && bytes < trickle * fetchBytes) await pause()
    }
  }

  async function pause(): Promise<void> {
    try {
      await setTimeout(gatherMs, undefined, { signal: over.signal })
    } catch (error) {
      if (!over.signal.aborted) throw error
    }
  }

  /** Bytes that came. */
  async function fetchOnce(broker: Broker, asked: readonly Followed[], waitMs: number): Promise<number> {
    const offsets = new Map(asked.map(({ queue }) => [queue.partition, queue.position()]))
    const partitions = Array.from(offsets, ([partition, offset]) => ({
      partition,
      fetchOffset: String(offset),
      maxBytes: fetchBytes,
    }))
    let answer: FetchAnswer
    try {
      const request = { maxWaitTime: waitMs, minBytes: 1, maxBytes: fetchBytes, topics: [{ topic, partitions }] }
      answer = await broker.fetch(request)
    } catch (error) {
      if (!(error instanceof kafkajs.KafkaJSOffsetOutOfRange)) throw error
      await endOutOfRange(error.partition, offsets.get(error.partition) ?? -1)
      return 0
    }
    return take(answer, asked, offsets)
  }

  function take(answer: FetchAnswer, asked: readonly Followed[], offsets: ReadonlyMap<number, number>): number {
    const given = new Map<number, PartitionAnswer>(
      answer.responses.flatMap(({ partitions }) => partitions.map((one) => [one.partition, one] as const)),
    )
    let bytes = 0
    const empty: Followed[] = []
    for (const one of asked) {
      const { queue } = one
      const offset = offsets.get(queue.partition)
      const its = given.get(queue.partition)
      if (its === undefined || offset === undefined || followed.get(queue.partition) !== one) continue
      one.answeredAt = performance.now()
      const fetched = readAnswer(its, offset)
      if (fetched === undefined && offset < readableEnd(its)) {
        empty.push(one)
        continue
      }
      one.empty = 0
      one.isAskedAlone = false
      if (fetched === undefined) continue
      const before = queue.bytes()
      queue.put(fetched)
      bytes += queue.bytes() - before
    }
    for (const one of empty) passOver(one, bytes < roomy * fetchBytes)
    return bytes
  }

  /**
   * There is something to read, but the answer held no record from the offset on. Either others took the room; or compaction has left a
   * batch without records (it keeps the last one of a producer), which kafkajs decodes to nothing and would ask for for ever. Asked for
   * alone, an answer holds at least one whole batch: if no record of it is at or above the offset, none has this offset.
   */
  function passOver(one: Followed, hadRoom: boolean): void {
    if (one.isAskedAlone) {
      one.queue.put({ records: [], next: one.queue.position() + 1 })
      return
    }
    one.empty++
    one.isAskedAlone = hadRoom || one.empty >= patience
  }

  async function endOutOfRange(partition: number, offset: number): Promise<void> {
    const offsets = await offsetsOf(cluster, topic, partition)
    if (followed.get(partition)?.queue.position() === offset)
      end(partition, outOfRange(topic, partition, offset, offsets))
  }

  function end(partition: number, error: MillraceError): void {
    followed.get(partition)?.queue.fail(error)
    followed.delete(partition)
    moved.wake()
  }

  void guarded(start())
  return {
    topic,
    has: (partition) => followed.has(partition),
    add(partition, offset) {
      const queue = partitionQueue(partition, offset, () => roomMade.wake())
      followed.set(partition, { queue, empty: 0, isAskedAlone: false, answeredAt: -Infinity })
      moved.wake()
      return queue
    },
    remove(queue) {
      if (followed.get(queue.partition)?.queue === queue) followed.delete(queue.partition)
      moved.wake()
    },
    queues: () => Array.from(followed.values(), ({ queue }) => queue),
    hasRoom: (queue) => hasRoom(queue),
    answeredAt: (queue) => followed.get(queue.partition)?.answeredAt ?? -Infinity,
    fail,
  }
}

async function offsetsOf(cluster: Cluster, topic: string, partition: number): Promise<KafkaOffsets> {
  const [first, last] = await Promise.all(
    [true, false].map((fromBeginning) =>
      cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }]),
    ),
  )
  const offsetOf = (answer: typeof first) => Number(answer?.[0]?.partitions[0]?.offset ?? NaN)
  return { start: offsetOf(first), end: offsetOf(last) }
}

function leaderless(topic: string, partition: number): MillraceError {
  return new MillraceError('store-failed', `nobody leads ${topic}/${partition}`, {
    retriable: true,
    facts: { topic, partition },
  })
}

function outOfRange(topic: string, partition: number, offset: number, { start, end }: KafkaOffsets): MillraceError {
  const facts = { topic, partition, offset, start, end }
  if (offset < start)
    return new MillraceError('log-truncated', `${topic}/${partition} begins at ${start}, after ${offset}`, { facts })
  return offset > end
    ? new MillraceError('log-went-back', `${topic}/${partition} ends at ${end}, before ${offset}`, { facts })
    : new MillraceError('store-failed', `${topic}/${partition} did not give offset ${offset}`, {
        retriable: true,
        facts,
      })
}
