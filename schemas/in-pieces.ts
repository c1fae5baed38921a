/** Work that stops wherever others may have their turn, after a millisecond or so, and ends with its result. */
export type InPieces<T> = Generator<void, T, void>

/** Does it without a stop. */
export function atOnce<T>(work: InPieces<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/** Rests after every piece, so that others have their turn. */
export async function inTurns<T>(work: InPieces<T>, rest: () => Promise<unknown>): Promise<T> {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    await rest()
  }
}
