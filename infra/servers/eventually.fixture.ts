import { setTimeout as after } from 'node:timers/promises'

const deadlineMs = 60_000
const pollMs = 100

/** Tries again while it rejects; throws the last refusal after a minute. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await after(pollMs)
    }
  }
}
