import type { Progress } from './progress.ts'

/** Runs one task a partition: the failure of one stops all, and is told to whoever waits for progress. */
export function joint(tasks: readonly Promise<void>[], done: Progress, stopping: AbortController): Promise<void> {
  const ended = endedOf(tasks, done, stopping)
  // Whoever waits for the end or for catching up sees the failure; until then it is not an unhandled one.
  ended.catch(() => {})
  return ended
}

async function endedOf(tasks: readonly Promise<void>[], done: Progress, stopping: AbortController): Promise<void> {
  try {
    await Promise.all(tasks)
  } catch (error) {
    done.fail(error)
    stopping.abort()
    throw error
  }
}
