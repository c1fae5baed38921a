import type { Command } from 'commander'
import { evaluateLog, evaluationDefaults, type EvaluationReport } from '#batch/evaluate.ts'
import { segments as segmentNames } from '#batch/segments.ts'
import { protocols, type Protocol } from '#batch/splits.ts'
import { MillraceError } from '#schemas/errors.ts'
import { liveFaults } from '../live-faults.ts'
import { openParts } from '../open-parts.ts'
import { solverOf } from '../solver-of.ts'
import { trainingSettingsOf } from '../training.ts'
import { reportToStderr } from './folded-parts.ts'
import { withInterval } from './interval.ts'
import { configOf, folderCommand, whole, type FolderFlags } from './options.ts'

interface Flags extends FolderFlags {
  readonly protocol: string
  readonly fraction?: string
  readonly seed?: number
  readonly at?: string
  readonly json?: boolean
}

/** `millrace evaluate` */
export function evaluateCommand(): Command {
  return folderCommand('evaluate')
    .description(
      'fit to a part of the log and judge on the rest, beside popularity, what trends, item neighbours and (up to 1,500 items) EASE; nothing is published',
    )
    .option('--protocol <name>', protocols.join(', '), 'time-split')
    .option(
      '--fraction <share>',
      `share held out, of users too by strong-generalisation (default: ${evaluationDefaults.fraction})`,
    )
    .option('--seed <n>', 'seed of the split', whole(0, 2 ** 31 - 1))
    .option('--at <lengths>', `lengths of the lists judged (default: ${evaluationDefaults.at.join(',')})`)
    .option('--json', 'print only the figures, as JSON')
    .action(async (flags: Flags) => {
      const report = await evaluate(flags)
      if (flags.json === true) console.log(JSON.stringify(report))
      else console.log(tableOf(report))
    })
}

async function evaluate(flags: Flags): Promise<EvaluationReport> {
  const { at, seed } = flags
  const [protocol, fraction] = [protocolOf(flags.protocol), fractionOf(flags.fraction)]
  const lengths = at?.split(',').map(Number) ?? evaluationDefaults.at
  if (!lengths.every((length) => Number.isInteger(length) && length > 0)) throw invalid('--at', 'needs whole numbers')
  const config = configOf(flags)
  const parts = await openParts(config, { name: 'command', report: reportToStderr })
  const solver = solverOf(config, config.threads)
  try {
    return await evaluateLog({
      ...parts,
      solver,
      training: trainingSettingsOf(config),
      protocol,
      fraction,
      at: lengths,
      ...(seed !== undefined && { seed }),
      ...liveFaults(parts.settings),
      onProgress: ({ iteration }) => console.error(`iteration ${iteration}`),
    })
  } finally {
    await solver.close()
    await parts.close()
  }
}

/** Throws `invalid-input` for a name that is none. */
export function protocolOf(name: string): Protocol {
  const protocol = protocols.find((known) => known === name)
  if (protocol === undefined) throw invalid('--protocol', `must be one of ${protocols.join(', ')}`)
  return protocol
}

/** Throws `invalid-input` for what is no share. */
export function fractionOf(text: string = String(evaluationDefaults.fraction)): number {
  const fraction = Number(text)
  if (!(fraction > 0 && fraction < 1)) throw invalid('--fraction', 'must be between 0 and 1')
  return fraction
}

function invalid(option: string, reason: string): MillraceError {
  return new MillraceError('invalid-input', `${option} ${reason}`, { facts: { option } })
}

function tableOf({ protocol, biased, seed, users, models, segments }: EvaluationReport): string {
  const scored = Object.entries(models)
  const lines = [
    `${protocol}, seed ${seed}, ${users.toLocaleString('en')} users judged; in brackets 95 % intervals over users`,
    ...(biased ? ['BIASED: few items compete; only for comparison with papers'] : []),
    rowOf(
      '',
      scored.map(([name]) => name),
    ),
    ...Object.keys(models.ials).map((metric) =>
      rowOf(
        metric,
        scored.map(([, metrics]) => withInterval(metrics[metric])),
      ),
    ),
  ]
  const metric = Object.keys(models.ials)[0]!
  for (const segment of segmentNames) {
    const cells = Object.values(segments).map((ofModel) => withInterval(ofModel[segment].metrics[metric]))
    lines.push(rowOf(`${metric}, ${segment} (${segments.ials[segment].users.toLocaleString('en')})`, cells))
  }
  return lines.join('\n')
}

function rowOf(name: string, cells: readonly string[]): string {
  return [name.padEnd(24), ...cells.map((cell) => cell.padEnd(24))].join('').trimEnd()
}
