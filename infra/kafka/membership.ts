import type { JoinOptions, Member, Membership } from '#schemas/ports/membership.ts'
import type { KafkaConnection } from './client.ts'
import { MillraceError } from '#schemas/errors.ts'
import { shareCalls } from '#schemas/shares.ts'
import { wakeUps } from '#schemas/wake-ups.ts'
import { groupSession } from './membership-session.ts'

export interface KafkaMembershipOptions {
  /** The topic whose partitions are shared; every topic that is shared has as many. */
  readonly topic: string
  /** Put before the name of every group. */
  readonly groupPrefix?: string
  /** A member that was not heard of for so long is dead. Brokers allow 6 s and more (`group.min.session.timeout.ms`). */
  readonly sessionTimeoutMs?: number
  /** A newcomer waits until the others have sent their next heartbeat. */
  readonly heartbeatMs?: number
}

export const kafkaMembershipDefaults = { groupPrefix: '', sessionTimeoutMs: 6_000, heartbeatMs: 500 } as const

const rejoinAfterMs = 250

/** Shares the partitions of a topic by Kafka's consumer groups. Offsets are not theirs: nothing is read and nothing committed. */
export function kafkaMembership(connection: KafkaConnection, options: KafkaMembershipOptions): Membership {
  const settings = { ...kafkaMembershipDefaults, ...options }
  return { join: (joining) => member(connection, settings, joining) }
}

function member(
  connection: KafkaConnection,
  settings: Required<KafkaMembershipOptions>,
  { group, onShare }: JoinOptions,
): Member {
  const shares = shareCalls(onShare)
  const joined = Promise.withResolvers<void>()
  const leaving = new AbortController()
  const left = wakeUps().wait(leaving.signal)
  const refused = Promise.withResolvers<never>()
  let hadShare = false

  function tell(partitions: readonly number[], isBroken: boolean): void {
    if (leaving.signal.aborted) return
    hadShare = true
    shares.set(partitions, { broken: isBroken }).then(() => joined.resolve(), refused.reject)
  }

  async function takeAway(): Promise<void> {
    if (hadShare) await shares.set([])
  }

  async function run(): Promise<void> {
    while (!leaving.signal.aborted) {
      const session = groupSession({
        ...settings,
        connection,
        groupId: `${settings.groupPrefix}${group}`,
        onShare: tell,
        onLost: () => void takeAway().catch(refused.reject),
      })
      try {
        const failure = await Promise.race([session.ended, left, refused.promise])
        await takeAway()
        if (failure?.retriable === false) throw failure
      } finally {
        await session.close()
      }
      await wakeUps().wait(AbortSignal.any([leaving.signal, AbortSignal.timeout(rejoinAfterMs)]))
    }
  }

  const ended = run()
  const unjoined = (): void => joined.reject(new MillraceError('stopped', `${group} was left before there was a share`))
  // Whoever waits for these sees the failure; until then it is not an unhandled one.
  ended.then(unjoined, joined.reject)
  joined.promise.catch(() => {})
  refused.promise.catch(() => {})
  return {
    joined: joined.promise,
    ended,
    leave() {
      leaving.abort()
      return ended
    },
  }
}
