import { setImmediate as nextTurn } from 'node:timers/promises'

/** Time on the event loop, shared between folds, which would take all of it, and everybody else on the thread. */
export interface Slices {
  /** True when folds have had their time of this turn: whoever goes on without `next` keeps others waiting. */
  isOver(): boolean
  /** Resolves in a later turn: those who wait go in order, one a turn, so others run between any two of them. */
  next(): Promise<void>
}

/** In each turn of the event loop at most `sliceMs` and one piece of work, for all folds that share them. */
export function timeSlices(sliceMs: number, now: () => number): Slices {
  /** When the first fold of this turn began; undefined until one does. */
  let began: number | undefined
  let last: Promise<void> = Promise.resolve()

  function begin(): number {
    const mine = (began = now())
    setImmediate(() => {
      began = undefined
    })
    return mine
  }

  async function after(earlier: Promise<void>): Promise<void> {
    await earlier
    await nextTurn()
    begin()
  }

  return {
    isOver: () => now() - (began ?? begin()) >= sliceMs,
    next() {
      last = after(last)
      return last
    },
  }
}

/** For whoever has the thread to itself. */
export const unsliced: Slices = { isOver: () => false, next: () => Promise.resolve() }
