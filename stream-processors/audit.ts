import { isMillraceError } from '#schemas/errors.ts'
import { foldUser } from '#schemas/fold/user-fold.ts'
import { mapRows, type MapRows } from '#schemas/fold/map-rows.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, PartitionBounds } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { interactionsProcessor } from './processors/interactions.ts'
import { faultOf } from './runtime/fault.ts'

export interface AuditOptions {
  readonly log: EventLog
  readonly store: StateStore
  readonly codec: Codec
  readonly settings: FoldSettings
  /** The fold must stand still: what is not folded at the checkpoint counts as pending. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Every record of `interactions` is one of the first five. */
export interface AuditReport {
  /** Records on the log. */
  readonly accepted: number
  /** Events applied to user rows, added up from the rows as they are stored. */
  readonly folded: number
  /** Repeats, told by folding the log again from the beginning. */
  readonly repeated: number
  /** Adoptions built before an erasure. */
  readonly refused: number
  /** Distinct records of `interactions` put aside on `dead-letters`. */
  readonly dead: number
  /** Records after the checkpoint. */
  readonly pending: number
  /** Users whose stored head is not, byte for byte, the one folded from zero. */
  readonly differing: readonly string[]
  /** accepted = folded + repeated + refused + dead + pending, and nothing differs. */
  readonly balanced: boolean
}

const pageSize = 1_000

/** Reconciles the whole log with the rows, one partition's heads in memory at a time. */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { log, store, codec } = options
  const bounds = await log.bounds('interactions')
  const total = bounds.reduce((sum, { start, end }) => sum + end - start, 0)
  const tally = { accepted: 0, repeated: 0, refused: 0, unfoldable: 0, pending: 0 }
  const differing: string[] = []
  let users = 0
  for (const partition of bounds) {
    const rows = mapRows({ tables: ['user-heads', 'user-chunks', 'user-ids'] })
    const checkpoint = (await store.checkpoint('interactions', partition.partition))?.offset ?? 0
    await refold(options, partition, checkpoint, rows, tally, () => options.onProgress?.(tally.accepted, total))
    const heads = Array.from(rows.entries('user-heads'))
    users += heads.length
    for (let first = 0; first < heads.length; first += pageSize) {
      const page = heads.slice(first, first + pageSize)
      const stored = await store.read(page.map(({ key }) => ({ table: 'user-heads', key, part: 0 })))
      for (const [i, { key, row }] of page.entries()) {
        const bytes = stored[i]
        if (bytes === undefined || !sameBytes(bytes, codec.encodeRow('user-heads', row))) differing.push(key)
      }
    }
  }
  const { folded, heads } = await storedHeads(store, codec)
  const dead = await deadInteractions(log, codec)
  const { accepted, repeated, refused, pending } = tally
  const adds = accepted === folded + repeated + refused + dead + pending
  const balanced = adds && heads === users && differing.length === 0 && dead === tally.unfoldable
  return { accepted, folded, repeated, refused, dead, pending, differing, balanced }
}

async function refold(
  { log, codec, settings }: AuditOptions,
  { epoch, partition, start }: PartitionBounds,
  checkpoint: number,
  rows: MapRows,
  tally: { accepted: number; repeated: number; refused: number; unfoldable: number; pending: number },
  onBatch: () => void,
): Promise<void> {
  const processor = interactionsProcessor(settings)
  const place = { partition, partitions: log.partitions('interactions') }
  for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
    for (const { offset, value } of records) {
      tally.accepted++
      if (offset >= checkpoint) {
        tally.pending++
        continue
      }
      const event = decoded(codec, value)
      if (event === undefined || faultOf(processor, event, place) !== undefined) {
        tally.unfoldable++
        continue
      }
      const outcome = foldUser(rows, event, { epoch, partition, offset, acceptedAt: event.acceptedAt }, settings)
      if (outcome.type === 'repeat') tally.repeated++
      else if (outcome.type === 'refused') tally.refused++
    }
    onBatch()
  }
}

function decoded(codec: Codec, value: Uint8Array) {
  try {
    return codec.decodeEvent('interactions', value)
  } catch (error) {
    if (isMillraceError(error, 'record-unreadable')) return undefined
    throw error
  }
}

async function storedHeads(store: StateStore, codec: Codec): Promise<{ folded: number; heads: number }> {
  let folded = 0
  let heads = 0
  for await (const page of store.scan('user-heads')) {
    heads += page.length
    for (const { bytes } of page) folded += codec.decodeRow('user-heads', bytes).applied
  }
  return { folded, heads }
}

async function deadInteractions(log: EventLog, codec: Codec): Promise<number> {
  const dead = new Set<string>()
  for (const { epoch, partition, start } of await log.bounds('dead-letters')) {
    for await (const records of log.read('dead-letters', { epoch, partition, offset: start })) {
      for (const { value } of records) {
        const letter = codec.decodeEvent('dead-letters', value)
        if (letter.topic !== 'interactions') continue
        dead.add(`${letter.position.epoch}.${letter.position.partition}.${letter.position.offset}`)
      }
    }
  }
  return dead.size
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
