/** One task a partition, for the partitions that are ours at the moment. */
export interface PartitionRuns {
  /** Runs these partitions and no others; resolves when the tasks of those given up have ended. */
  own(partitions: readonly number[]): Promise<void>
  /** Resolves when every task has ended; rejects with the failure of one. */
  stop(): Promise<void>
  /** Resolves after `stop`; rejects at the first failure of a task, which stops them all. */
  readonly ended: Promise<void>
}

interface Run {
  readonly stopping: AbortController
  readonly over: Promise<void>
}

/** Runs `run` for each owned partition until its signal aborts. `onFailure` is told before `ended` rejects. */
export function partitionRuns(
  run: (partition: number, signal: AbortSignal) => Promise<void>,
  onFailure: (error: unknown) => void,
): PartitionRuns {
  const running = new Map<number, Run>()
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  // Whoever waits for the end or for catching up sees the failure; until then it is not an unhandled one.
  ended.catch(() => {})
  let isOver = false

  async function guarded(partition: number, signal: AbortSignal): Promise<void> {
    try {
      await run(partition, signal)
    } catch (error) {
      isOver = true
      onFailure(error)
      reject(error)
      for (const { stopping } of running.values()) stopping.abort()
    }
  }

  function start(partition: number): void {
    const stopping = new AbortController()
    running.set(partition, { stopping, over: guarded(partition, stopping.signal) })
  }

  async function giveUp(partitions: readonly number[]): Promise<void> {
    const runs = partitions.flatMap((partition) => running.get(partition) ?? [])
    for (const partition of partitions) running.delete(partition)
    for (const { stopping } of runs) stopping.abort()
    await Promise.all(runs.map(({ over }) => over))
  }

  return {
    async own(partitions) {
      const wanted = new Set(partitions)
      await giveUp([...running.keys()].filter((partition) => !wanted.has(partition)))
      for (const partition of wanted) if (!isOver && !running.has(partition)) start(partition)
    },
    async stop() {
      isOver = true
      await giveUp([...running.keys()])
      resolve()
      await ended
    },
    ended,
  }
}
