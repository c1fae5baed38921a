import { Command } from 'commander'
import { exportInteractions, type ExportReport } from '#batch/export-interactions.ts'
import { parquetInteractionTable } from '#infra/duckdb/interaction-table.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { ExportHoldout } from '#schemas/models/interaction-export.ts'
import { defaultTrainingSettings } from '#schemas/models/training-settings.ts'
import { liveFaults } from '../live-faults.ts'
import { withFoldedParts } from './folded-parts.ts'
import { configOf, folderCommand, whole, type FolderFlags } from './options.ts'

interface Flags extends FolderFlags {
  readonly preset?: string
  readonly holdout: string
  readonly share: string
  readonly seed: number
  readonly json?: boolean
}

/** `millrace export interactions FOLDER` */
export function exportCommand(): Command {
  return new Command('export').description('write what is on the log for other engines').addCommand(
    folderCommand('interactions')
      .description('write every interaction that counts as Parquet, as a training would read them')
      .argument('<folder>', 'a folder of its own, made if it is missing')
      .option('--preset <name>', 'what it stands on: embedded (a data folder) or cluster')
      .option(
        '--holdout <kind>',
        'which rows are marked held_out: newest of each partition, or random of each user',
        'newest',
      )
      .option('--share <share>', 'share that is marked held_out', '0.1')
      .option('--seed <n>', 'seed of the random marks', whole(0, 2 ** 31 - 1), defaultTrainingSettings.seed)
      .option('--json', 'print only the report, as JSON')
      .action(async (folder: string, flags: Flags) => {
        const report = await runExport(folder, flags)
        console.log(flags.json === true ? JSON.stringify(report) : exportSentence(report))
        if (!report.balanced) process.exitCode = 2
      }),
  )
}

async function runExport(folder: string, flags: Flags): Promise<ExportReport> {
  const holdout = holdoutOf(flags)
  const { preset } = flags
  const config = configOf(flags, { ...(preset !== undefined && { preset }) })
  const table = await parquetInteractionTable({ folder })
  try {
    return await withFoldedParts(config, (parts) => {
      return exportInteractions({
        ...parts,
        table,
        holdout,
        ...liveFaults(parts.settings),
      })
    })
  } finally {
    await table.close()
  }
}

const kinds: Readonly<Record<string, ExportHoldout['kind']>> = { newest: 'after-positions', random: 'random' }

function holdoutOf({ holdout, share, seed }: Flags): ExportHoldout {
  const kind = Object.hasOwn(kinds, holdout) ? kinds[holdout] : undefined
  if (kind === undefined) throw invalid('--holdout', 'must be newest or random')
  const part = Number(share)
  if (!(part > 0 && part < 1)) throw invalid('--share', 'must be between 0 and 1')
  return { kind, share: part, seed }
}

function invalid(option: string, reason: string): MillraceError {
  return new MillraceError('invalid-input', `${option} ${reason}`, { facts: { option } })
}

/** `9,007 interactions of 904 users on 3,007 items in 1 file = 9,007 folded; the rows of 904 users agree: balanced` */
export function exportSentence(report: ExportReport): string {
  const { rows, users, items, files, folded, agreeing, movedOn, differing, balanced } = report
  const count = (value: number, one: string, many = `${one}s`) =>
    `${value.toLocaleString('en')} ${value === 1 ? one : many}`
  const written = `${count(rows, 'interaction')} of ${count(users, 'user')} on ${count(items, 'item')} in ${count(files, 'file')}`
  const moved = movedOn === 0 ? '' : `, those of ${movedOn.toLocaleString('en')} have moved on`
  const verdict = balanced ? 'balanced' : `NOT balanced, the rows of ${count(differing.length, 'user')} differ`
  return `${written} = ${folded.toLocaleString('en')} folded; the rows of ${count(agreeing, 'user')} agree${moved}: ${verdict}`
}
