import { setTimeout } from 'node:timers/promises'
import { MillraceError } from '#schemas/errors.ts'
import type { KafkaCompression, KafkaConnection, KafkaProducer, PartitionRecords } from '../client.ts'
import type { BrokerAddress, Brokers } from './brokers.ts'
import type { EncodedBatch } from './produce.ts'
import { openBrokers } from './brokers.ts'
import { passes, protocolCode, refused } from './failures.ts'
import { produce } from './produce.ts'
import { initProducerId } from './protocol.ts'
import { encodeBatch } from './record-batch.ts'

export interface PlatformaticProducerOptions {
  readonly connection: KafkaConnection
  readonly compression: KafkaCompression
  /** A send with its retries fails after this. */
  readonly deliveryMs?: number
  /** A broker that does not answer for so long is asked again on a new connection. */
  readonly requestTimeoutMs?: number
  readonly retryMs?: number
}

export const platformaticProducerDefaults = { deliveryMs: 30_000, requestTimeoutMs: 10_000, retryMs: 100 } as const

interface Waiting extends EncodedBatch {
  readonly index: number
}

/**
 * An idempotent producer whose retries are the same bytes on the same sequence numbers. The library's own producer would
 * on some answers take a new producer id and send again what may be on the log already; this one fails instead.
 */
export async function platformaticProducer(options: PlatformaticProducerOptions): Promise<KafkaProducer> {
  const { connection, compression, deliveryMs, requestTimeoutMs, retryMs } = {
    ...platformaticProducerDefaults,
    ...options,
  }
  const brokers = openBrokers({ connection, requestTimeoutMs })
  const producer = await producerId(brokers, performance.now() + deliveryMs, retryMs).catch(async (error: unknown) => {
    await brokers.close()
    throw error
  })
  const leaders = new Map<string, BrokerAddress>()
  const sequences = new Map<string, number>()

  async function findLeaders(topics: readonly string[]): Promise<void> {
    const found = await brokers.metadata(topics)
    const addresses = new Map(found.brokers.map((broker) => [broker.nodeId, broker]))
    for (const { name, partitions } of found.topics) {
      for (const { partitionIndex, leaderId } of partitions) {
        const leader = addresses.get(leaderId)
        if (leader !== undefined) leaders.set(`${name}/${partitionIndex}`, leader)
      }
    }
  }

  /** One request to one broker; answers with the batches that are not on the log yet, and why. */
  async function sendTo(leader: BrokerAddress, batches: readonly Waiting[], offsets: number[]): Promise<Refusal[]> {
    const answer = await brokers.ask(
      leader,
      'an append',
      async (to) => await produce.async(to, requestTimeoutMs, batches),
    )
    const refusals = new Map<string, Refusal>(batches.map((batch) => [placeOf(batch), { batch }]))
    for (const { name: topic, partitionResponses } of answer.responses) {
      for (const { index: partition, errorCode, baseOffset } of partitionResponses) {
        const place = placeOf({ topic, partition })
        const batch = refusals.get(place)?.batch
        if (batch === undefined) continue
        if (errorCode === protocolCode.none) {
          offsets[batch.index] = Number(baseOffset)
          refusals.delete(place)
        } else refusals.set(place, { batch, code: errorCode })
      }
    }
    return [...refusals.values()]
  }

  /** Sends what waits once; answers with what still waits. Throws what ends the producer. */
  async function attempt(waiting: readonly Waiting[], offsets: number[]): Promise<Attempt> {
    const unled = waiting.filter((batch) => !leaders.has(placeOf(batch)))
    if (unled.length > 0) {
      try {
        await findLeaders([...new Set(unled.map(({ topic }) => topic))])
      } catch (error) {
        refuseUnlessRetriable(error)
        return { left: waiting, cause: error }
      }
    }
    const led = Map.groupBy(waiting, (batch) => leaders.get(placeOf(batch)))
    const sent = [...led].map(async ([leader, batches]): Promise<readonly Refusal[]> => {
      if (leader === undefined) return batches.map((batch) => ({ batch }))
      try {
        return await sendTo(leader, batches, offsets)
      } catch (error) {
        return batches.map((batch) => ({ batch, error }))
      }
    })
    const refusals = (await Promise.all(sent)).flat()
    for (const { batch, code, error } of refusals) {
      leaders.delete(placeOf(batch))
      if (error !== undefined) refuseUnlessRetriable(error)
      if (code !== undefined && !passes(code)) {
        throw refused('an append', code, { topic: batch.topic, partition: batch.partition })
      }
    }
    return { left: refusals.map(({ batch }) => batch), cause: refusals.find(({ error }) => error !== undefined)?.error }
  }

  function encoded({ topic, partition, records }: PartitionRecords, index: number): Waiting {
    const place = `${topic}/${partition}`
    const sequence = sequences.get(place) ?? 0
    sequences.set(place, (sequence + records.length) % 0x8000_0000)
    return { topic, partition, index, bytes: encodeBatch(records, { ...producer, sequence }, compression) }
  }

  return {
    async send(batches) {
      const deadline = performance.now() + deliveryMs
      const offsets: number[] = []
      let waiting: readonly Waiting[] = batches.map(encoded)
      for (;;) {
        const { left, cause } = await attempt(waiting, offsets)
        if (left.length === 0) return offsets
        if (performance.now() >= deadline) throw undelivered(left, deliveryMs, cause)
        waiting = left
        await setTimeout(retryMs)
      }
    },
    close: async () => await brokers.close(),
  }
}

/** Why a batch may not be on the log: an answer's code, a failure, or neither where there is no leader or no answer for it. */
interface Refusal {
  readonly batch: Waiting
  readonly code?: number | undefined
  readonly error?: unknown
}

interface Attempt {
  readonly left: readonly Waiting[]
  readonly cause: unknown
}

function refuseUnlessRetriable(error: unknown): void {
  if (!(error instanceof MillraceError && error.retriable)) throw error
}

function placeOf({ topic, partition }: Pick<EncodedBatch, 'topic' | 'partition'>): string {
  return `${topic}/${partition}`
}

function undelivered(waiting: readonly Waiting[], deliveryMs: number, cause: unknown): MillraceError {
  return new MillraceError('store-failed', `Kafka did not take an append within ${deliveryMs} ms`, {
    retriable: true,
    cause,
    facts: { topic: waiting[0]?.topic, partition: waiting[0]?.partition, batches: waiting.length },
  })
}

async function producerId(brokers: Brokers, deadline: number, retryMs: number) {
  for (;;) {
    try {
      const answer = await brokers.askAny(
        'for a producer id',
        async (to) => await initProducerId.async(to, null, 60_000),
      )
      if (answer.errorCode === protocolCode.none) return { id: answer.producerId, epoch: answer.producerEpoch }
      if (!passes(answer.errorCode) || performance.now() >= deadline) throw refused('a producer', answer.errorCode, {})
    } catch (error) {
      refuseUnlessRetriable(error)
      if (performance.now() >= deadline) throw error
    }
    await setTimeout(retryMs)
  }
}
