import type { Clock } from '#schemas/ports/clock.ts'

/** Gives the thread to others after each piece of work, so long that the work takes at most `share` of the time. Rejects once aborted. */
export function pacer({
  clock,
  share,
  signal,
}: {
  readonly clock: Pick<Clock, 'sleep'>
  readonly share: number
  readonly signal: AbortSignal
}): () => Promise<void> {
  let began = performance.now()
  return async () => {
    await clock.sleep((performance.now() - began) * (1 / share - 1), signal)
    signal.throwIfAborted()
    began = performance.now()
  }
}
