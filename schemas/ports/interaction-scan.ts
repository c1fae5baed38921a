import type { Interaction } from '../events/interactions.ts'

/** Names by small numbers, given in the order in which the names are first met. */
export interface NumberedNames {
  readonly size: number
  numberOf(name: string): number
  nameOf(number: number): string
}

/** Most bytes that the id, the user and the item of a plain interaction have; each has one at least. */
export const longestPlainId = 85

/**
 * Reads interactions without making objects of them: what it stands at is in its fields, until the next `take`. It is the
 * fast twin of `decodeEvent`, for who reads whole logs and needs of an event what a history keeps of it.
 */
export interface InteractionScan {
  readonly items: NumberedNames
  readonly actions: NumberedNames
  readonly sources: NumberedNames
  /** Of the partition that is being read. */
  readonly users: NumberedNames
  /** Numbers users from 0 again. */
  forgetUsers(): void
  /**
   * Moves to the interaction in these bytes. False where they hold anything that is not plain: another event, an empty or a
   * long id, a value that is not finite, a schema that is not ours, bytes that are not whole. `decodeEvent` knows what those are.
   */
  take(bytes: Uint8Array): boolean
  readonly user: number
  readonly item: number
  readonly action: number
  /** NaN where there is none. */
  readonly value: number
  readonly occurredAt: number
  readonly acceptedAt: number
  /** Number of the source, -1 without one. */
  readonly source: number
  readonly sequence: number | null
  readonly mended: boolean
  /** `hash53` of the id. */
  hashOfId(): number
  readonly hasContext: boolean
  context(): Interaction['context']
}
