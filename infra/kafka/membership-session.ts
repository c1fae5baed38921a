import type { KafkaConnection } from './client.ts'
import { MillraceError } from '#schemas/errors.ts'
import { wakeUps } from '#schemas/wake-ups.ts'
import { kafkajsClient } from './kafkajs/client.ts'
import { kafkajsFailure } from './kafkajs/failures.ts'
import { stickyAssigner } from './membership-assigner.ts'

export interface GroupSessionOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly heartbeatMs: number
  /** `broken`: others may have had these partitions since this member was last told. */
  readonly onShare: (partitions: readonly number[], broken: boolean) => void
  /** The session could not be kept alive: others have the share, or will. It may yet come back by `onShare`. */
  readonly onLost: () => void
}

export interface GroupSession {
  /** Resolves with what ended it; never rejects. */
  readonly ended: Promise<MillraceError>
  /** Leaves the group if the broker can be told within a session timeout, and closes. */
  close(): Promise<void>
}

/** Sessions without a sign of life for so many timeouts are given up, whatever kafkajs makes of it. */
const hopeless = 5
/** Some 20 s of trouble; what lasts longer ends the session. */
const retries = 20

/** One consumer of kafkajs in a group, with all its partitions paused: it only coordinates. */
export function groupSession(options: GroupSessionOptions): GroupSession {
  const { connection, topic, groupId, sessionTimeoutMs, heartbeatMs, onShare, onLost } = options
  const { promise: ended, resolve: end } = Promise.withResolvers<MillraceError>()
  let memberId = ''
  let assigned: readonly number[] = []
  let generation = -1
  let isLost = false
  /** Times this member has asked to join since it last did. */
  let attempts = 0

  const client = kafkajsClient(connection, { requestTimeoutMs: Math.max(sessionTimeoutMs, heartbeatMs), retries: 2 })
  const consumer = client.kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: sessionTimeoutMs,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: Math.ceil(heartbeatMs / 2),
    allowAutoTopicCreation: false,
    partitionAssigners: [
      stickyAssigner({
        topic,
        claim() {
          attempts++
          return { partitions: isLost ? [] : assigned, generation }
        },
      }),
    ],
    retry: { retries, restartOnFailure: () => Promise.resolve(false) },
  })

  const lost = setTimeout(() => {
    isLost = true
    onLost()
  }, sessionTimeoutMs)
  const given = setTimeout(() => end(silent(groupId)), hopeless * sessionTimeoutMs)

  function signOfLife(): void {
    lost.refresh()
    given.refresh()
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    signOfLife()
    consumer.pause([{ topic }])
    // Who joined by its first request, as the member it was, took part in every generation of the group, so nobody else had its share.
    const isUnbroken = payload.memberId === memberId && attempts === 1 && !isLost
    attempts = 0
    isLost = false
    memberId = payload.memberId
    assigned = payload.memberAssignment[topic] ?? []
    onShare(assigned, !isUnbroken)
  })
  consumer.on(consumer.events.HEARTBEAT, ({ payload }) => {
    signOfLife()
    generation = payload.groupGenerationId
    if (!isLost) return
    isLost = false
    onShare(assigned, true)
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => end(kafkajsFailure(payload.error, `membership in ${groupId}`)))

  async function start(): Promise<void> {
    try {
      await consumer.connect()
      await consumer.subscribe({ topic })
      await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() })
    } catch (error) {
      end(kafkajsFailure(error, `joining ${groupId}`))
    }
  }

  void start()
  return {
    ended,
    async close() {
      clearTimeout(lost)
      clearTimeout(given)
      const left = consumer.disconnect().catch(() => 'the broker will notice')
      await Promise.race([left, wakeUps().wait(AbortSignal.timeout(sessionTimeoutMs))])
      client.abandon()
    },
  }
}

function silent(groupId: string): MillraceError {
  return new MillraceError('store-failed', `the consumer of ${groupId} shows no sign of life`, {
    retriable: true,
    facts: { groupId },
  })
}
