import { MillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { fileBytes } from './file-bytes.ts'
import { fileDigest } from './file-digest.ts'
import { fileRows, type FileRow } from './file-rows.ts'
import type { ImportPlan } from './import-plan.ts'
import { silentProgress, type ImportProgress } from './import-progress.ts'
import type { MappedRow } from './imported-events.ts'
import { interactionMapping } from './interaction-rows.ts'
import { itemMapping } from './item-rows.ts'
import { defaultRejectsPath, noRejectsFile, rejectsFile, type RejectedRow, type RejectsFile } from './rejects-file.ts'
import { batchLimits, readAhead, rowBatches, type BatchLimits } from './row-batches.ts'
import { retriedSend } from './retried-send.ts'
import type { ImportTarget, SendBatch } from './send-batch.ts'

export interface ImportOptions {
  readonly files: readonly string[]
  readonly plan: ImportPlan
  readonly target: ImportTarget
  readonly settings: Pick<FoldSettings, 'actions' | 'ratingScale'>
  readonly clock: Clock
  readonly progress?: ImportProgress
  /** Default {@link defaultRejectsPath}. */
  readonly rejectsPath?: string | undefined
  /** Reads and checks every row; sends nothing, writes no file. */
  readonly dryRun?: boolean | undefined
  /** Ends the import with `stopped` between two batches. */
  readonly signal?: AbortSignal | undefined
  readonly limits?: BatchLimits
}

export interface ImportReport {
  /** Rows read, the header left out: accepted, duplicates and rejected together. */
  readonly read: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly seconds: number
  readonly rejectsFile: string | null
}

/**
 * Reads files and sends their rows in file order, one batch outstanding, the next one read meanwhile; a batch that fails retriably is
 * sent again, see {@link retriedSend}. The events of a
 * file are known by its `source` and their line, so an import may be killed and begun again at any time: what was counted is not counted
 * again. Rows without a time get the start of this import; a later import of the same file repeats them under another
 * time, and the first one stands.
 */
export async function importFiles(options: ImportOptions): Promise<ImportReport> {
  const { files, plan, settings, clock, dryRun = false } = options
  if (plan.action !== null && !Object.hasOwn(settings.actions, plan.action))
    throw new MillraceError(
      'unknown-interaction-type',
      `--type: '${plan.action}' is unknown; known: ${Object.keys(settings.actions).join(', ')}`,
    )
  const startedAt = clock.now()
  const rejects = dryRun ? noRejectsFile : rejectsFile(options.rejectsPath ?? defaultRejectsPath(files))
  const tally = { read: 0, accepted: 0, duplicates: 0, rejected: 0 }
  try {
    for (const file of files) {
      const { source, lines } = await fileDigest(file, plan)
      const context: FileContext = { options, file, lines, rejects, tally }
      if (plan.kind === 'interactions') {
        const send = dryRun ? acceptAll : options.target.interactions
        await importFile(context, interactionMapping(plan, { source, startedAt, settings }), send)
      } else {
        await importFile(context, itemMapping(plan, { source }), dryRun ? acceptAll : options.target.items)
      }
    }
  } finally {
    await rejects.close()
  }
  return { ...tally, seconds: (clock.now() - startedAt) / 1_000, rejectsFile: rejects.path() }
}

interface FileContext {
  readonly options: ImportOptions
  readonly file: string
  readonly lines: number
  readonly rejects: RejectsFile
  readonly tally: { read: number; accepted: number; duplicates: number; rejected: number }
}

async function importFile<E>(
  { options, file, lines, rejects, tally }: FileContext,
  map: (row: FileRow) => MappedRow<E>,
  send: SendBatch<E>,
): Promise<void> {
  const { plan, limits = batchLimits, progress = silentProgress, clock, signal } = options
  const persistently = retriedSend(send, { clock, signal })
  const rows = mapped(fileRows(fileBytes(file), plan.format, plan.needed), map)
  progress.begin(file, lines)
  try {
    for await (const batch of readAhead(rowBatches(rows, limits))) {
      if (signal?.aborted === true)
        throw new MillraceError('stopped', 'the import was stopped; begun again, it goes on')
      const { accepted, duplicates, rejected } = await sendRows(batch, file, persistently)
      await rejects.write(rejected)
      tally.read += batch.length
      tally.accepted += accepted
      tally.duplicates += duplicates
      tally.rejected += rejected.length
      progress.rejected(rejected)
      progress.reached(batch.at(-1)!.line)
    }
  } finally {
    progress.end()
  }
}

async function* mapped<E>(
  rows: AsyncIterable<FileRow>,
  map: (row: FileRow) => MappedRow<E>,
): AsyncGenerator<MappedRow<E>> {
  for await (const row of rows) yield map(row)
}

async function sendRows<E>(
  batch: readonly MappedRow<E>[],
  file: string,
  send: SendBatch<E>,
): Promise<{ accepted: number; duplicates: number; rejected: readonly RejectedRow[] }> {
  const sent = batch.filter((row) => row.type === 'event')
  const none = { accepted: 0, duplicates: 0, rejected: [] }
  const answer = sent.length === 0 ? none : await send(sent.map((row) => row.event))
  const unmappable = batch.flatMap((row) =>
    row.type === 'rejected' ? [{ file, line: row.line, ...row.problem, raw: row.raw }] : [],
  )
  const refused = answer.rejected.map(({ index, code, field = '', message }) => {
    const { line, raw } = sent[index]!
    return { file, line, code, field, message, raw }
  })
  const rejected = [...unmappable, ...refused].sort((a, b) => a.line - b.line)
  return { accepted: answer.accepted, duplicates: answer.duplicates, rejected }
}

const acceptAll: SendBatch<unknown> = (events) =>
  Promise.resolve({ accepted: events.length, duplicates: 0, rejected: [] })
