import type { EventOf } from '../events/by-topic.ts'
import type { Position } from '../position.ts'
import type { TopicName } from '../topics.ts'

export interface TailedRecord<T extends TopicName> {
  readonly position: Position
  readonly key: string
  readonly event: EventOf[T]
}

export interface TailOptions<T extends TopicName> {
  /** For errors and metrics. */
  readonly name: string
  readonly topic: T
  /** `start`: the oldest record kept. `end`: only what comes from now on. Positions: the next record to read of each partition. */
  readonly from: 'start' | 'end' | readonly Position[]
  /** Followed from the start. Default: all. */
  readonly partitions?: readonly number[]
  /** Called with one partition's records in order; the next batch of that partition waits until it has resolved. */
  readonly apply: (records: readonly TailedRecord<T>[]) => Promise<void> | void
  /** A record that cannot be read is reported here and passed over. */
  readonly onUnreadable: (position: Position, error: unknown) => void
}

export interface Tailing {
  /** Follows these partitions from now on and no others; one that is new begins where `from` says. Calls must not overlap. */
  own(partitions: readonly number[]): Promise<void>
  /** Resolves once everything that was on the log when it was called has been applied. Rejects if the tail failed. */
  caughtUp(): Promise<void>
  /** Next position to read of each partition that is followed. */
  positions(): readonly Position[]
  /** Resolves when the batch under way is applied and no other will be. */
  stop(): Promise<void>
  /** Settles when the tail ends: resolves after `stop`, rejects with what made it fail. */
  readonly ended: Promise<void>
}

/** Follows a topic from positions and applies a fold: how serving and batch listen without knowing the runtime. */
export interface Tail {
  follow<T extends TopicName>(options: TailOptions<T>): Promise<Tailing>
}
