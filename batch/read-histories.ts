import { isMillraceError, MillraceError } from '#schemas/errors.ts'
import type { Interaction, InteractionsEvent } from '#schemas/events/interactions.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { InteractionScan } from '#schemas/ports/interaction-scan.ts'
import type { Position } from '#schemas/position.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Histories } from './histories.ts'
import { historyColumns, type HistoryColumns } from './history-columns.ts'
import { historyFold } from './history-fold.ts'

/** Where an event was read. */
export interface PlaceOnLog {
  readonly partition: number
  /** Of the topic. */
  readonly partitions: number
}

/** Of an interaction, what the users of a read are told. */
export type SeenEvent = Exclude<InteractionsEvent, Interaction> | Pick<Interaction, 'type' | 'userId' | 'context'>

/** Why a readable event is not to be folded; the live fold puts the same ones aside as dead letters. */
export type FaultOf = (event: InteractionsEvent, place: PlaceOnLog) => string | undefined

export interface HistoriesSource {
  readonly log: EventLog
  readonly codec: Codec
  readonly settings: FoldSettings
  readonly faultOf?: FaultOf
  /**
   * What `faultOf` says of every plain interaction (see `InteractionScan`) of a user. With it plain interactions are judged
   * once a user; without it, where there is a `faultOf`, each is decoded whole to be judged.
   */
  readonly faultOfUser?: (userId: string, place: PlaceOnLog) => string | undefined
  /** Next offset of every partition: events at or after it are not read. Default: the end of the log as it is now. */
  readonly to?: readonly Position[]
  /** Told of every event that is folded, but not of interactions without a context. */
  readonly onEvent?: (event: SeenEvent) => void
  /** Called after each batch of records. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Folds the topic `interactions` into histories as the live rows do, so repeats, erasures, adoptions and the cap on a
 * history fall exactly as they do there. What is held besides the histories is columns of one partition. The order of
 * users and items follows from the log alone.
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
  const scan = source.codec.scanInteractions()
  let done = 0
  for (const { start, to } of ranges) {
    const columns = all ?? historyColumns()
    const unreadable = await readPartition(source, scan, start, to, columns, (records) => {
      done += records
      source.onProgress?.(Math.min(done, total), total)
    })
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

/** Records of a batch. Measured: with more of them the garbage collector copies what is still being read. */
const recordsAtOnce = 4_096

async function readPartition(
  source: HistoriesSource,
  scan: InteractionScan,
  start: number,
  to: Position,
  columns: HistoryColumns,
  onRecords: (count: number) => void,
): Promise<number> {
  const { log, codec, settings, faultOf, onEvent } = source
  const { epoch, partition } = to
  const place = { partition, partitions: log.partitions('interactions') }
  scan.forgetUsers()
  const fold = historyFold(scan, settings.limits)
  const isRefused = userFaults(source, scan, place)
  const scans = faultOf === undefined || source.faultOfUser !== undefined
  let unreadable = 0
  const options = { maxRecords: recordsAtOnce, keys: false }
  for await (const records of log.read('interactions', { epoch, partition, offset: start }, options)) {
    for (const { offset, value } of records) {
      if (offset >= to.offset) break
      if (scans && scan.take(value)) {
        if (isRefused(scan.user)) {
          unreadable++
          continue
        }
        fold.interaction(scan, offset)
        if (onEvent !== undefined && scan.hasContext) {
          onEvent({ type: 'interaction', userId: scan.users.nameOf(scan.user), context: scan.context() })
        }
        continue
      }
      const event = decoded(codec, value)
      if (event === undefined || faultOf?.(event, place) !== undefined) {
        unreadable++
        continue
      }
      fold.whole(event, offset)
      if (event.type !== 'interaction' || event.context !== null) onEvent?.(event)
    }
    onRecords(records.length)
    if (records.at(-1)!.offset + 1 >= to.offset) break
  }
  columns.addPart(fold.finish(), scan, partition)
  return unreadable
}

/** Whether the plain interactions of a user are not to be folded: asked once of each. */
function userFaults({ faultOfUser }: HistoriesSource, scan: InteractionScan, place: PlaceOnLog) {
  const refused: boolean[] = []
  return (user: number): boolean => {
    if (faultOfUser === undefined) return false
    return (refused[user] ??= faultOfUser(scan.users.nameOf(user), place) !== undefined)
  }
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
