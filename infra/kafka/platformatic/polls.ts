import type { KafkaConnection } from '../client.ts'
import type { Brokers } from './brokers.ts'
import type { FetchedPartition, FetchLimits } from './fetch.ts'
import type { FollowedPartition } from './followed-partition.ts'
import type { Leader } from './leaders.ts'
import { MillraceError } from '#schemas/errors.ts'
import { openBrokers } from './brokers.ts'
import { protocolCode, refused, unreachable } from './failures.ts'
import { fetchPartitions } from './fetch.ts'
import { hold } from './followed-partition.ts'
import { lookUp, sameTopic } from './leaders.ts'
import { missedOffset } from './missed-offset.ts'

/** Fetches for followed partitions, of each leader many in one request. */
export interface Polls {
  add(follower: FollowedPartition): void
  /** Its reader has taken some: it may be fetched again. */
  taken(follower: FollowedPartition): void
  remove(follower: FollowedPartition): void
  close(): Promise<void>
}

export interface PollsOptions {
  readonly connection: KafkaConnection
  readonly requestTimeoutMs: number
  readonly lookUps: Brokers
  readonly maxWaitMs: number
  readonly aheadBytes: number
  readonly maxPartitionBytes: number
  readonly maxBytes: number
}

/**
 * Requests that wait at one leader at a time, each on a connection of its own, since a broker answers a connection's requests
 * in order: a partition that is added while another request waits for records need not wait with it.
 */
const pollsPerLeader = 4

export function pollBrokers(options: PollsOptions): Polls {
  const { connection, lookUps, aheadBytes } = options
  const limits: FetchLimits = options
  const requestTimeoutMs = options.requestTimeoutMs + options.maxWaitMs
  /** Followers that may be fetched, those that have waited longest first. */
  const ready = new Set<FollowedPartition>()
  const followers = new Set<FollowedPartition>()
  const fetching = new Set<FollowedPartition>()
  const leaders = new Map<string, Leader>()
  /** Connections by slot: the nth request that waits at any leader. */
  const slots = Array.from({ length: pollsPerLeader }, () => ({
    brokers: openBrokers({ connection, requestTimeoutMs }),
    busy: new Set<string>(),
  }))
  let isScheduled = false
  let isLookingUp = false
  let isClosed = false

  /** Once a turn: whoever becomes ready together is fetched together. */
  function schedule(): void {
    if (isScheduled || isClosed) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      if (!isClosed) start()
    })
  }

  function start(): void {
    const led = Map.groupBy(ready, (follower) => leaders.get(placeOf(follower)))
    const unled = led.get(undefined) ?? []
    if (unled.length > 0 && !isLookingUp) void findLeaders(unled)
    for (const [leader, waiting] of led) {
      if (leader !== undefined) startAt(leader, waiting)
    }
  }

  function startAt(leader: Leader, waiting: readonly FollowedPartition[]): void {
    const name = `${leader.host}:${leader.port}`
    const slot = slots.find(({ busy }) => !busy.has(name))
    if (slot === undefined) return
    // A request may name a partition once; its other readers wait for the next.
    const together = new Map<string, FollowedPartition>()
    for (const follower of waiting) {
      if (together.has(placeOf(follower))) continue
      together.set(placeOf(follower), follower)
      ready.delete(follower)
      fetching.add(follower)
    }
    slot.busy.add(name)
    void poll(slot.brokers, leader, together).finally(() => {
      slot.busy.delete(name)
      for (const follower of together.values()) {
        fetching.delete(follower)
        makeReady(follower)
      }
      schedule()
    })
    if (together.size < waiting.length) schedule()
  }

  async function findLeaders(waiting: readonly FollowedPartition[]): Promise<void> {
    isLookingUp = true
    try {
      const found = await lookUp(lookUps, [...new Set(waiting.map(({ topic }) => topic))])
      for (const follower of waiting) {
        await orFail(follower, async () => {
          const leader = sameTopic(follower.topic, follower.topicId, found).leaders[follower.partition]
          if (leader === undefined) throw unreachable(`: ${placeOf(follower)} has no leader`, undefined)
          leaders.set(placeOf(follower), leader)
        })
      }
    } catch (error) {
      for (const follower of waiting) fail(follower, error)
    }
    isLookingUp = false
    schedule()
  }

  async function poll(
    brokers: Brokers,
    leader: Leader,
    together: ReadonlyMap<string, FollowedPartition>,
  ): Promise<void> {
    const asked = [...together.values()].map((follower) => ({
      topicId: follower.topicId,
      partition: follower.partition,
      offset: follower.fetchFrom,
      leaderEpoch: leaders.get(placeOf(follower))?.leaderEpoch ?? -1,
      lastEpoch: follower.lastEpoch,
    }))
    try {
      const answer = await brokers.ask(leader, 'a fetch', async (to) => await fetchPartitions.async(to, asked, limits))
      if (answer.code !== protocolCode.none) throw refused('a fetch', answer.code, {})
      for (const fetched of answer.partitions) {
        const follower = together.get(`${fetched.topicId}/${fetched.partition}`)
        if (follower !== undefined) await orFail(follower, async () => await receive(follower, fetched))
      }
    } catch (error) {
      for (const follower of together.values()) fail(follower, error)
    }
  }

  async function receive(follower: FollowedPartition, fetched: FetchedPartition): Promise<void> {
    const { topic, partition, topicId, fetchFrom } = follower
    const { code } = fetched
    if (fetched.diverges) {
      throw new MillraceError('log-went-back', `${topic} lost records that were read`, {
        facts: { topic, partition, offset: fetchFrom },
      })
    }
    if (code === protocolCode.none) {
      hold(follower, fetched)
      if (fetched.bytes.length > 0) follower.changed.wake()
      return
    }
    if (code === protocolCode.offsetOutOfRange) {
      throw await missedOffset(lookUps, { topic, partition, topicId, offset: fetchFrom })
    }
    sameTopic(topic, topicId, await lookUp(lookUps, [topic]))
    throw refused('a fetch', code, { topic, partition })
  }

  async function orFail(follower: FollowedPartition, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      fail(follower, error)
    }
  }

  /** What was fetched before may still be taken; then the reader throws. It begins anew at wherever the leader is by then. */
  function fail(follower: FollowedPartition, error: unknown): void {
    leaders.delete(placeOf(follower))
    ready.delete(follower)
    follower.failure ??= error
    follower.changed.wake()
  }

  function makeReady(follower: FollowedPartition): void {
    const { failure, heldBytes, fetchFrom, until } = follower
    if (!followers.has(follower) || fetching.has(follower) || failure !== undefined) return
    if (heldBytes < aheadBytes && fetchFrom < until) ready.add(follower)
  }

  return {
    add(follower) {
      followers.add(follower)
      makeReady(follower)
      schedule()
    },
    taken(follower) {
      if (ready.has(follower) || fetching.has(follower)) return
      makeReady(follower)
      if (ready.has(follower)) schedule()
    },
    remove(follower) {
      followers.delete(follower)
      ready.delete(follower)
    },
    async close() {
      isClosed = true
      const stopped = new MillraceError('stopped', 'the reader is closed')
      for (const follower of followers) fail(follower, stopped)
      await Promise.all(slots.map(async ({ brokers }) => await brokers.close()))
    },
  }
}

function placeOf({ topicId, partition }: FollowedPartition): string {
  return `${topicId}/${partition}`
}
