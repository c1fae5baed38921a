import { setImmediate } from 'node:timers/promises'

/** Time on the event loop, shared between folds, which would take all of it, and everybody else on the thread. */
export interface Slices {
  /** True when the time of this turn is used up: whoever goes on without `next` keeps others waiting. */
  isOver(): boolean
  /** Resolves in a turn of its own: those who wait go in order, one a turn, so others run between any two of them. */
  next(): Promise<void>
}

/** Slices of at most `sliceMs` and one piece of work, for all folds that share them. */
export function timeSlices(sliceMs: number, now: () => number): Slices {
  let began = Number.NEGATIVE_INFINITY
  let last: Promise<void> = Promise.resolve()

  async function after(earlier: Promise<void>): Promise<void> {
    await earlier
    await setImmediate()
    began = now()
  }

  return {
    isOver: () => now() - began >= sliceMs,
    next() {
      last = after(last)
      return last
    },
  }
}

/** For whoever has the thread to itself. */
export const unsliced: Slices = { isOver: () => false, next: () => Promise.resolve() }
