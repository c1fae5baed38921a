export interface WakeUps {
  /** Resolves at the next {@link WakeUps.wake}, or when the signal aborts. */
  wait(signal?: AbortSignal): Promise<void>
  /** Resolves every wait under way. */
  wake(): void
}

/** Lets any number of readers sleep until something has happened. */
export function wakeUps(): WakeUps {
  const waiting = new Set<() => void>()
  return {
    async wait(signal) {
      if (signal?.aborted === true) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const stop = () => resolve()
      waiting.add(stop)
      signal?.addEventListener('abort', stop)
      await promise
      signal?.removeEventListener('abort', stop)
      waiting.delete(stop)
    },
    wake() {
      for (const resolve of waiting) resolve()
      waiting.clear()
    },
  }
}
