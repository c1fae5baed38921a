/** A partition as its consumer sees it. */
export interface WatchedPartition {
  readonly partition: number
  /** Offset it fetches next. */
  readonly position: number
  /** False while its reader is behind, so that it is not to be fetched. */
  readonly hasRoom: boolean
  /** When an answer last came to a fetch that asked for it: it may have been full of other partitions. */
  readonly answeredAt: number
}

export interface WatchdogOptions {
  readonly checkMs: number
  /** So long may records lie on the log, with room for them and no answer, before the consumer counts as stalled. */
  readonly stallMs: number
  readonly partitions: () => readonly WatchedPartition[]
  /** Ends of partitions on the log, asked over connections that are not the consumer's. */
  readonly ends: (partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>
  readonly onStall: (partitions: readonly WatchedPartition[]) => void
  readonly now?: () => number
}

interface Waiting {
  readonly position: number
  /** When the log was first seen to go on beyond this position. */
  readonly behindSince: number | undefined
}

/**
 * Notices a consumer that has stopped fetching although the log goes on beyond what it has, as is told of kafkajs (its issues 659, 1613,
 * 1721, 1751): a connection that is open and dead is enough. Returns what stops it.
 */
export function watchdog(options: WatchdogOptions): () => void {
  const check = stallCheck(options)
  let isChecking = false
  const timer = setInterval(() => {
    if (isChecking) return
    isChecking = true
    void check().finally(() => {
      isChecking = false
    })
  }, options.checkMs)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * One look. Only partitions that have not moved since the last one are asked about. While the log cannot be asked nothing new is known:
 * the fetch under way has a time limit of its own.
 */
export function stallCheck({
  stallMs,
  partitions,
  ends,
  onStall,
  now = () => performance.now(),
}: Omit<WatchdogOptions, 'checkMs'>): () => Promise<void> {
  let waiting = new Map<number, Waiting>()

  return async () => {
    const seen = partitions().filter(({ hasRoom }) => hasRoom)
    const quiet = seen.filter(({ partition, position }) => waiting.get(partition)?.position === position)
    const known = quiet.length === 0 ? undefined : await knownEnds(quiet)
    const at = now()
    const before = waiting
    waiting = new Map(
      seen.map(({ partition, position }) => {
        const last = before.get(partition)
        if (last?.position !== position) return [partition, { position, behindSince: undefined }]
        if (known === undefined) return [partition, last]
        const isBehind = (known.get(partition) ?? 0) > position
        return [partition, { position, behindSince: isBehind ? (last.behindSince ?? at) : undefined }]
      }),
    )
    const stalled = quiet.filter(({ partition, answeredAt }) => {
      const behindSince = waiting.get(partition)?.behindSince ?? at
      return at - Math.max(behindSince, answeredAt) >= stallMs
    })
    if (stalled.length > 0) onStall(stalled)
  }

  async function knownEnds(quiet: readonly WatchedPartition[]): Promise<ReadonlyMap<number, number> | undefined> {
    try {
      return await ends(quiet.map(({ partition }) => partition))
    } catch {
      return undefined
    }
  }
}
