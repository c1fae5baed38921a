import type { Command } from 'commander'
import { httpTarget } from '#producers/import/http-target.ts'
import { importFiles, type ImportReport } from '#producers/import/import-files.ts'
import { parseImportOptions, type ImportArguments } from '#producers/import/import-options.ts'
import { importProgress } from '#producers/import/import-progress.ts'
import type { ImportTarget } from '#producers/import/send-batch.ts'
import { MillraceError } from '#schemas/errors.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { foldSettingsOf } from '../config.ts'
import { embeddedTarget } from '../embedded-import.ts'
import { withFoldedParts } from './folded-parts.ts'
import { configOf, folderCommand, repeated, type FolderFlags } from './options.ts'

interface Flags extends FolderFlags, ImportArguments {
  readonly to?: string
  readonly apiKey?: string
  readonly dryRun?: boolean
  readonly rejects?: string
  readonly json?: boolean
}

/** `millrace import FILE…` */
export function importCommand(): Command {
  return folderCommand('import')
    .description('load files of interactions or items; what was imported before is not counted again')
    .argument('<files...>', 'CSV, TSV, JSONL or other delimited files, gzipped or not')
    .requiredOption('--as <kind>', 'interactions or items')
    .option('--format <format>', 'csv, tsv or jsonl')
    .option('--delimiter <text>', "field delimiter, such as '::'")
    .option('--quote <character>', 'quote character, or none')
    .option('--header', 'the first line names the columns')
    .option('--columns <names>', 'names of the columns, separated by commas')
    .option('--map <pairs>', 'field=column pairs: user, item, type, value, time …; may be repeated', repeated)
    .option('--type <type>', 'interaction type of every line')
    .option('--scale <range>', 'range of the values, such as 1..5')
    .option('--time-unit <unit>', 's, ms or iso')
    .option('--list <pairs>', "separators of list columns, such as categories='|'; may be repeated", repeated)
    .option('--capture <pairs>', 'field=regular expression whose group is the value; may be repeated', repeated)
    .option('--to <url>', 'send to a running Millrace instead of a data folder')
    .option('--api-key <key>', 'API key for --to (default: MILLRACE_API_KEY)')
    .option('--rejects <file>', 'where rejected lines go')
    .option('--dry-run', 'read and check everything, write nothing')
    .option('--json', 'print only the report, as JSON')
    .action(async (files: string[], flags: Flags) => {
      const report = await runImport(files, flags)
      if (flags.json === true) console.log(JSON.stringify(report))
      else console.log(sentenceOf(report))
      if (report.read > 0 && report.rejected === report.read) process.exitCode = 1
    })
}

async function runImport(files: readonly string[], flags: Flags): Promise<ImportReport> {
  const config = configOf(flags)
  const plan = parseImportOptions(flags, files)
  const clock = systemClock()
  const run = (target: ImportTarget) =>
    importFiles({
      files,
      plan,
      target,
      settings: foldSettingsOf(config),
      clock,
      progress: importProgress(process.stderr, clock),
      rejectsPath: flags.rejects,
      dryRun: flags.dryRun,
    })
  if (flags.dryRun === true) return run(nowhere)
  if (flags.to === undefined) return withFoldedParts(config, (parts) => run(embeddedTarget(parts)))
  const apiKey = flags.apiKey ?? process.env['MILLRACE_API_KEY']
  return run(httpTarget({ url: flags.to, ...(apiKey !== undefined && { apiKey }) }))
}

/** A dry run sends nothing. */
const nowhere: ImportTarget = { interactions: refuse, items: refuse }

function refuse(): Promise<never> {
  return Promise.reject(new MillraceError('broken-invariant', 'a dry run has sent something'))
}

function sentenceOf({ read, accepted, duplicates, rejected, seconds, rejectsFile }: ImportReport): string {
  const count = (value: number) => value.toLocaleString('en')
  const counts = `${count(read)} read: ${count(accepted)} accepted, ${count(duplicates)} known, ${count(rejected)} rejected`
  return `${counts}, in ${seconds.toFixed(1)} s${rejectsFile === null ? '' : `; rejects are in ${rejectsFile}`}`
}
