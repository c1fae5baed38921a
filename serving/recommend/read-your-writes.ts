import { MillraceError } from '#schemas/errors.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { parsePositions, type Position } from '#schemas/position.ts'
import type { UserRows } from '../read-model/user-rows.ts'

export interface AfterPorts {
  readonly features: Pick<FeatureStore, 'foldedTo'>
  readonly users: Pick<UserRows, 'onNotice'>
  readonly clock: Clock
  /** Partitions of `interactions`. */
  readonly partitions: number
  readonly waitMs: number
  readonly report: (error: unknown, doing: string) => void
}

const pollMs = 5

/**
 * Waits until the user's rows reflect the positions of a 202, at most `waitMs`; says whether they do. Only the partition
 * of the user counts: nothing of the others is in their rows, and
 * a guest, with an empty id, has none. A store that cannot say counts as not there. Throws `invalid-input` for what is not a position.
 */
export async function waitFor(token: string, userId: string, ports: AfterPorts): Promise<boolean> {
  const positions = parsePositions(token)
  if (positions === undefined) {
    throw new MillraceError('invalid-input', 'after is not a position that this service gave out', {
      facts: { field: 'after' },
    })
  }
  if (userId === '') return true
  const partition = partitionOf(userId, ports.partitions)
  const wanted = positions.find((position) => position.partition === partition)
  if (wanted === undefined) return true
  try {
    return await isReached(wanted, userId, ports)
  } catch (error) {
    ports.report(error, 'waiting for a position')
    return false
  }
}

async function isReached(wanted: Position, userId: string, ports: AfterPorts): Promise<boolean> {
  const { features, users, clock, waitMs } = ports
  const until = clock.now() + waitMs
  const announced = new AbortController()
  const stopListening = users.onNotice(userId, (notice) => {
    if (notice.row === 'user' && isAtOrAbove(notice.position, wanted)) announced.abort()
  })
  try {
    while (!announced.signal.aborted) {
      const next = await features.foldedTo(wanted.partition)
      if (next !== undefined && isAtOrAbove({ ...next, offset: next.offset - 1 }, wanted)) return true
      const left = until - clock.now()
      if (left <= 0) return false
      await clock.sleep(Math.min(pollMs, left), announced.signal)
    }
    return true
  } finally {
    stopListening()
  }
}

/** A position of an older incarnation of the log says nothing about this one. */
function isAtOrAbove(reached: Position, wanted: Position): boolean {
  return reached.epoch === wanted.epoch && reached.offset >= wanted.offset
}
