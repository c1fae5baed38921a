import { MillraceError } from '#schemas/errors.ts'

/** Bytes that may be in flight at once, from the first one read to the answer. */
export interface ByteBudget {
  /** Throws `overloaded` when there is not that much left; then nothing was taken. */
  take(bytes: number): void
  give(bytes: number): void
}

/** A budget of so many bytes. */
export function byteBudget(limit: number): ByteBudget {
  let taken = 0
  return {
    take(bytes) {
      if (taken + bytes > limit) {
        throw new MillraceError('overloaded', 'More is being written than the log takes. Send it again in a moment.', {
          retriable: true,
        })
      }
      taken += bytes
    },
    give(bytes) {
      taken -= bytes
    },
  }
}
