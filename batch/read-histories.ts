import { isMillraceError, MillraceError } from '#schemas/errors.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import { foldUser } from '#schemas/fold/user-fold.ts'
import { wholeHistory } from '#schemas/fold/whole-history.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Histories } from './histories.ts'
import { historyColumns, type HistoryColumns } from './history-columns.ts'

/** Where an event was read. */
export interface PlaceOnLog {
  readonly partition: number
  /** Of the topic. */
  readonly partitions: number
}

export interface HistoriesSource {
  readonly log: EventLog
  readonly codec: Codec
  readonly settings: FoldSettings
  /** Why a readable event is not to be folded; the live fold puts the same ones aside as dead letters. */
  readonly faultOf?: (event: InteractionsEvent, place: PlaceOnLog) => string | undefined
  /** Next offset of every partition: events at or after it are not read. Default: the end of the log as it is now. */
  readonly to?: readonly Position[]
  /** Told of every event that is folded. */
  readonly onEvent?: (event: InteractionsEvent) => void
  /** Called after each batch of records. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Folds the topic `interactions` with the fold of the live rows, so repeats, erasures, adoptions and the cap on a
 * history fall exactly as they do there. Only one partition's rows are held at a time. The order of users and items
 * follows from the log alone.
 */
export async function readHistories(source: HistoriesSource): Promise<Histories> {
  const ranges = await rangesOf(source)
  const columns = historyColumns()
  let unreadable = 0
  for await (const part of readParts(source, ranges, columns)) unreadable += part.unreadable
  return { ...columns.joined(), positions: ranges.map(({ to }) => to), unreadable }
}

/** The same, one partition after the other: each numbers its own users and items, and nothing is held of those before. */
export async function* historiesByPartition(source: HistoriesSource): AsyncGenerator<Histories> {
  for await (const part of readParts(source, await rangesOf(source))) {
    yield { ...part.columns.joined(), positions: [part.to], unreadable: part.unreadable }
  }
}

interface ReadPart {
  readonly to: Position
  readonly columns: HistoryColumns
  readonly unreadable: number
}

/** Into columns for all, or into new ones for each partition. */
async function* readParts(
  source: HistoriesSource,
  ranges: readonly Range[],
  all?: HistoryColumns,
): AsyncGenerator<ReadPart> {
  const total = ranges.reduce((sum, { start, to }) => sum + Math.max(0, to.offset - start), 0)
  let done = 0
  for (const { start, to } of ranges) {
    const columns = all ?? historyColumns()
    const unreadable = await readPartition(source, start, to, columns.add, (records) => {
      done += records
      source.onProgress?.(Math.min(done, total), total)
    })
    columns.seal()
    yield { to, columns, unreadable }
  }
}

interface Range {
  readonly start: number
  readonly to: Position
}

async function rangesOf({ log, to }: HistoriesSource): Promise<Range[]> {
  const bounds = await log.bounds('interactions')
  return bounds.map(({ epoch, partition, start, end }) => {
    const asked = to?.find((position) => position.partition === partition) ?? { epoch, partition, offset: end }
    if (asked.offset > end) {
      throw new MillraceError('log-went-back', 'interactions ends before the position asked for', {
        facts: { topic: 'interactions', to: asked, end },
      })
    }
    return { start, to: asked }
  })
}

async function readPartition(
  { log, codec, settings, faultOf, onEvent }: HistoriesSource,
  start: number,
  to: Position,
  add: HistoryColumns['add'],
  onRecords: (count: number) => void,
): Promise<number> {
  const { epoch, partition } = to
  const rows = mapRows({ tables: ['user-heads', 'user-chunks', 'user-ids'] })
  const userIds = new Set<string>()
  const place = { partition, partitions: log.partitions('interactions') }
  let unreadable = 0
  for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
    for (const { offset, value } of records) {
      if (offset >= to.offset) break
      const event = decoded(codec, value)
      if (event === undefined || faultOf?.(event, place) !== undefined) {
        unreadable++
        continue
      }
      foldUser(rows, event, { epoch, partition, offset, acceptedAt: event.acceptedAt }, settings)
      userIds.add(event.userId)
      onEvent?.(event)
    }
    onRecords(records.length)
    if (records.at(-1)!.offset + 1 >= to.offset) break
  }
  for (const userId of userIds) {
    const history = wholeHistory(rows, userId, settings.limits)
    if (history.length > 0) add(userId, partition, history)
  }
  return unreadable
}

/** Undefined for bytes that will never be readable; a schema of a newer release is an error here as it is live. */
function decoded(codec: Codec, value: Uint8Array): InteractionsEvent | undefined {
  try {
    return codec.decodeEvent('interactions', value)
  } catch (error) {
    if (isMillraceError(error, 'record-unreadable')) return undefined
    throw error
  }
}
