import { confidenceCap } from '#schemas/models/preference.ts'
import { exportFormat, type ExportHoldout, type ExportManifest } from '#schemas/models/interaction-export.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { InteractionTable, TableCounts, TableRow } from '#schemas/ports/interaction-table.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { Position } from '#schemas/position.ts'
import { weightOf, type FoldSettings } from '#schemas/settings.ts'
import type { Histories } from './histories.ts'
import { cutPositions } from './holdout.ts'
import { historiesByPartition, type HistoriesSource } from './read-histories.ts'
import { parts, positionSplit, randomHoldout, type Split } from './splits.ts'

export interface ExportOptions extends HistoriesSource {
  readonly table: InteractionTable
  /** The live rows, into which the log is folded: what is written is compared with them. */
  readonly store: Pick<StateStore, 'read'>
  readonly clock: Pick<Clock, 'now'>
  readonly holdout: ExportHoldout
}

export interface ExportReport extends TableCounts {
  /** Interactions that the fold of the log gave, and the users they are of. */
  readonly folded: number
  readonly foldedUsers: number
  /** Users whose live row holds as many interactions as were written. */
  readonly agreeing: number
  /** Users whose row has taken an event since: theirs cannot be compared. */
  readonly movedOn: number
  /** Users whose row holds another number. */
  readonly differing: readonly string[]
  readonly unreadable: number
  /** The files hold what was folded, and no row differs. */
  readonly balanced: boolean
}

/**
 * Writes the histories that a training would read: users who were erased are not in it, what a user adopted from a guest is
 * the user's, a repeat stands once, of a long history the last interactions. One partition's rows are held at a time.
 */
export async function exportInteractions(options: ExportOptions): Promise<ExportReport> {
  const { table, clock, holdout } = options
  const positions: Position[] = []
  const tally = { folded: 0, foldedUsers: 0, agreeing: 0, movedOn: 0, unreadable: 0 }
  const differing: string[] = []
  for await (const histories of historiesByPartition(options)) {
    for (const rows of tableRows(histories, options.settings, splitFor(histories, holdout))) await table.append(rows)
    tally.folded += histories.items.length
    tally.foldedUsers += histories.userIds.length
    tally.unreadable += histories.unreadable
    positions.push(...histories.positions)
    await compareRows(options, histories, (userId, found) => {
      if (found === 'differs') differing.push(userId)
      else tally[found]++
    })
  }
  const counts = await table.count()
  await table.describe(manifestOf(counts, positions, holdout, clock.now()))
  const balanced = counts.rows === tally.folded && counts.users === tally.foldedUsers && differing.length === 0
  return { ...counts, ...tally, differing, balanced }
}

function manifestOf(
  { rows, users, items, heldOut }: TableCounts,
  positions: readonly Position[],
  holdout: ExportHoldout,
  createdAt: number,
): ExportManifest {
  return {
    format: exportFormat,
    createdAt,
    positions: [...positions],
    holdout,
    rows,
    users,
    items,
    heldOut,
    confidenceCap,
  }
}

/** What an export lays aside: of a partition alone the same as of the whole log. */
export function splitFor(histories: Histories, { kind, share, seed }: ExportHoldout): Split {
  switch (kind) {
    case 'after-positions':
      return positionSplit(histories, cutPositions(histories, share))
    case 'random':
      return randomHoldout(histories, share, seed)
  }
}

const rowsAtOnce = 16_384

function* tableRows(histories: Histories, settings: FoldSettings, split: Split): Generator<TableRow[]> {
  let rows: TableRow[] = []
  for (let user = 0; user < histories.userIds.length; user++) {
    for (let entry = histories.starts[user]!; entry < histories.starts[user + 1]!; entry++) {
      const given = histories.values[entry]!
      const value = Number.isNaN(given) ? null : given
      const action = histories.actionNames[histories.actions[entry]!]!
      rows.push({
        userId: histories.userIds[user]!,
        itemId: histories.itemIds[histories.items[entry]!]!,
        action,
        value,
        weight: weightOf(settings, { action, value }),
        time: histories.times[entry]!,
        partition: histories.partitions[user]!,
        offset: histories.offsets[entry]!,
        heldOut: split[entry] === parts.heldOut,
      })
      if (rows.length < rowsAtOnce) continue
      yield rows
      rows = []
    }
  }
  if (rows.length > 0) yield rows
}

const usersAtOnce = 1_000

async function compareRows(
  { store, codec, settings }: ExportOptions,
  { userIds, starts, positions }: Histories,
  tell: (userId: string, found: 'agreeing' | 'movedOn' | 'differs') => void,
): Promise<void> {
  const end = positions[0]!.offset
  for (let first = 0; first < userIds.length; first += usersAtOnce) {
    const some = userIds.slice(first, first + usersAtOnce)
    const stored = await store.read(some.map((key) => ({ table: 'user-heads', key, part: 0 })))
    for (const [i, userId] of some.entries()) {
      const bytes = stored[i]
      const head = bytes === undefined ? undefined : codec.decodeRow('user-heads', bytes)
      const written = starts[first + i + 1]! - starts[first + i]!
      if (head !== undefined && head.offset >= end) tell(userId, 'movedOn')
      else tell(userId, head !== undefined && counted(head.count, settings) === written ? 'agreeing' : 'differs')
    }
  }
}

function counted(count: number, { limits }: FoldSettings): number {
  return Math.min(count, limits.history)
}
