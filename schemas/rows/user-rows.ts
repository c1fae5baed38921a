import type { RowGuard } from './guard.ts'

/** One counted interaction in a user's history. */
export interface HistoryEntry {
  readonly id: string
  readonly itemId: string
  readonly action: string
  readonly value: number | null
  readonly occurredAt: number
  readonly acceptedAt: number
  /** The user's clock when it was counted: what its id expires by. */
  readonly clock: number
  /** Offset of the event that brought it. */
  readonly offset: number
  /** False for imported entries: their sequence tells repeats apart, so their id is never filed. */
  readonly filed: boolean
}

export interface ImportMark {
  readonly source: string
  sequence: number
}

export interface AdoptMark {
  readonly guestId: string
  /** Highest guest offset adopted. */
  guestOffset: number
}

export interface UserHead extends RowGuard {
  /** Highest acceptedAt counted: never goes back. */
  clock: number
  /** Events applied for ever (interactions, erases, adopts): what the audit adds up. */
  applied: number
  /** Interactions counted since the last erase: entry n is chunk floor(n / 64)'s. */
  count: number
  /** Offset of the last erase, -1 without one. */
  erasedAt: number
  sessionId: string | null
  sessionStartedAt: number
  sessionLastAt: number
  sessionCount: number
  actionCounts: { readonly action: string; count: number }[]
  /** The last 64 interactions, oldest first; the youngest `count mod 64` are in no chunk yet and their ids in no id row. */
  recent: HistoryEntry[]
  /** Days for which an id row exists, ascending. */
  idDays: number[]
  imports: ImportMark[]
  mended: { readonly source: string; readonly sequence: number }[]
  adopted: AdoptMark[]
}

/** Chunk k of a user's history, kept at place k mod 16. */
export interface UserChunk extends RowGuard {
  /** -1 when an erase emptied it. */
  index: number
  entries: readonly HistoryEntry[]
}

/** Hashed ids filed on one day of the user's clock. */
export interface UserIds extends RowGuard {
  ids: Map<number, { readonly offset: number; readonly clock: number }>
}

const unwritten = { epoch: 0, partition: 0, offset: -1 }

export function blankUserHead(): UserHead {
  return {
    ...unwritten,
    clock: 0,
    applied: 0,
    count: 0,
    erasedAt: -1,
    sessionId: null,
    sessionStartedAt: 0,
    sessionLastAt: 0,
    sessionCount: 0,
    actionCounts: [],
    recent: [],
    idDays: [],
    imports: [],
    mended: [],
    adopted: [],
  }
}

export function blankUserChunk(): UserChunk {
  return { ...unwritten, index: -1, entries: [] }
}

export function blankUserIds(): UserIds {
  return { ...unwritten, ids: new Map() }
}
