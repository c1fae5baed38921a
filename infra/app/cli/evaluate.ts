import type { Command } from 'commander'
import { evaluateLog, evaluationDefaults, type EvaluationReport } from '#batch/evaluate.ts'
import { protocols } from '#batch/splits.ts'
import { MillraceError } from '#schemas/errors.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { faultOf } from '#stream-processors/runtime/fault.ts'
import { openParts } from '../open-parts.ts'
import { solverOf } from '../solver-of.ts'
import { trainingSettingsOf } from '../training.ts'
import { reportToStderr } from './folded-parts.ts'
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
    .description('fit to a part of the log and judge on the rest, beside popularity; nothing is published')
    .option('--protocol <name>', protocols.join(', '), 'time-split')
    .option('--fraction <share>', `share held out (default: ${evaluationDefaults.fraction})`)
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
  const protocol = protocols.find((known) => known === flags.protocol)
  if (protocol === undefined) throw invalid('--protocol', `must be one of ${protocols.join(', ')}`)
  const { at, seed } = flags
  const fraction = flags.fraction === undefined ? evaluationDefaults.fraction : Number(flags.fraction)
  if (!(fraction > 0 && fraction < 1)) throw invalid('--fraction', 'must be between 0 and 1')
  const lengths = at?.split(',').map(Number) ?? evaluationDefaults.at
  if (!lengths.every((length) => Number.isInteger(length) && length > 0)) throw invalid('--at', 'needs whole numbers')
  const config = configOf(flags)
  const parts = await openParts(config, { name: 'command', report: reportToStderr })
  const solver = solverOf(config, config.threads)
  const processor = interactionsProcessor(parts.settings)
  try {
    return await evaluateLog({
      ...parts,
      solver,
      training: trainingSettingsOf(config),
      protocol,
      fraction,
      at: lengths,
      ...(seed !== undefined && { seed }),
      faultOf: (event, place) => faultOf(processor, event, place),
      onProgress: ({ iteration }) => console.error(`iteration ${iteration}`),
    })
  } finally {
    await solver.close()
    await parts.close()
  }
}

function invalid(option: string, reason: string): MillraceError {
  return new MillraceError('invalid-input', `${option} ${reason}`, { facts: { option } })
}

function tableOf({ protocol, seed, users, models }: EvaluationReport): string {
  const lines = [`${protocol}, seed ${seed}, ${users.toLocaleString('en')} users judged`]
  for (const [metric, { value }] of Object.entries(models.ials)) {
    const beside = models.popularity[metric]?.value ?? 0
    lines.push(`${metric.padEnd(14)} ${value.toFixed(4)}   popularity ${beside.toFixed(4)}`)
  }
  return lines.join('\n')
}
