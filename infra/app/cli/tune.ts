import { join } from 'node:path'
import type { Command } from 'commander'
import { evaluationDefaults } from '#batch/evaluate.ts'
import { readHistories } from '#batch/read-histories.ts'
import { protocols } from '#batch/splits.ts'
import type { TrackingOptions } from '#batch/tuning/trial-tracking.ts'
import { tune, type TuneReport } from '#batch/tuning/tune.ts'
import { mlflowExperimentTracker } from '#infra/mlflow/experiment-tracker.ts'
import { liveFaults } from '../live-faults.ts'
import { openParts } from '../open-parts.ts'
import { solverOf } from '../solver-of.ts'
import { trainingSettingsOf } from '../training.ts'
import { fractionOf, protocolOf } from './evaluate.ts'
import { reportToStderr } from './folded-parts.ts'
import { withInterval } from './interval.ts'
import { configOf, folderCommand, whole, type FolderFlags } from './options.ts'
import { trialFile } from './trial-file.ts'
import { tuningProgress } from './tuning-progress.ts'

interface Flags extends FolderFlags {
  readonly protocol: string
  readonly fraction?: string
  readonly seed: number
  readonly trials: number
  readonly minutes: number
  readonly record?: string
  readonly mlflow?: string
  readonly experiment: string
  readonly json?: boolean
}

/** `millrace tune` */
export function tuneCommand(): Command {
  return folderCommand('tune')
    .description(
      'search settings by successive halving: chosen on a validation part of the log, judged on a later test part; nothing is published',
    )
    .option('--protocol <name>', protocols.join(', '), 'time-split')
    .option(
      '--fraction <share>',
      `share held out for the test, then for validation (default: ${evaluationDefaults.fraction})`,
    )
    .option('--seed <n>', 'seed of the splits and of the candidates', whole(0, 2 ** 31 - 1), evaluationDefaults.seed)
    .option('--trials <n>', 'candidates of the first round', whole(1, 10_000), 27)
    .option('--minutes <n>', 'no trial begins after this time', whole(1, 10_000), 30)
    .option(
      '--record <file>',
      'where every trial is recorded; an interrupted search goes on from there (default: tuning.jsonl in the data folder)',
    )
    .option('--mlflow <url>', 'MLflow server that every trial is sent to as well (default: MLFLOW_TRACKING_URI)')
    .option('--experiment <name>', 'experiment of the trials on the MLflow server', 'millrace')
    .option('--json', 'print only the report, as JSON')
    .action(async (flags: Flags) => {
      const report = await runTuning(flags)
      if (flags.json === true) console.log(JSON.stringify(report))
      else console.log(sentencesOf(report))
    })
}

async function runTuning(flags: Flags): Promise<TuneReport> {
  const { seed, trials, minutes } = flags
  const [protocol, fraction] = [protocolOf(flags.protocol), fractionOf(flags.fraction)]
  const config = configOf(flags)
  const tracking = trackingOf(flags)
  const parts = await openParts(config, { name: 'command', report: reportToStderr })
  const solver = solverOf(config, config.threads)
  const progress = tuningProgress(process.stderr)
  try {
    return await tune({
      histories: await readHistories({ ...parts, ...liveFaults(parts.settings) }),
      foldSettings: parts.settings,
      base: trainingSettingsOf(config),
      protocol,
      fraction,
      seed,
      trials,
      budgetMs: minutes * 60_000,
      solver,
      clock: parts.clock,
      journal: trialFile(flags.record ?? join(config.dataDir, 'tuning.jsonl')),
      tracking,
      onProgress: progress.tell,
    })
  } finally {
    progress.end()
    await solver.close()
    await parts.close()
  }
}

function trackingOf({ mlflow, experiment }: Flags): TrackingOptions | undefined {
  const url = mlflow ?? process.env['MLFLOW_TRACKING_URI']
  if (url === undefined || url === '') return undefined
  return { tracker: mlflowExperimentTracker({ url }), experiment, report: reportToStderr }
}

/** What was found, and the configuration that makes it so. */
function sentencesOf({ settings, validation, finished, trials, test }: TuneReport): string {
  const { factors, alpha0, lambda, nu, weightExponent, halfLifeDays, neighbourShare } = settings
  return [
    `${trials.length} trials${finished ? '' : ', ended by the time'}: NDCG@10 ${validation.toFixed(4)} on the validation part`,
    `on the test part, ${test.users.toLocaleString('en')} users: ${withInterval(test.tuned['ndcg@10'])}; with the settings as they are ${withInterval(test.base['ndcg@10'])}`,
    `configuration: ${JSON.stringify({ factors, alpha0, lambda, nu, weightExponent, halfLifeDays, neighbourShare })}`,
  ].join('\n')
}
