import type { Command } from 'commander'
import type { TrainingReport } from '#batch/job.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { TrainingStatus } from '#schemas/api/operations.ts'
import type { Config } from '../config-keys.ts'
import { ownerOf, train, trainingSettingsOf } from '../training.ts'
import { solverOf } from '../solver-of.ts'
import { withFoldedParts } from './folded-parts.ts'
import { configOf, folderCommand, whole } from './options.ts'
import { remote, remoteOptions, type RemoteFlags } from './remote.ts'
import { roleConfig, roleOptions, runRole, type RoleFlags } from './roles.ts'
import { trainingProgress } from './training-progress.ts'

interface Flags extends RoleFlags, RemoteFlags {
  readonly factors?: number
  readonly iterations?: number
  readonly threads?: number
  readonly cgSteps?: number
  readonly publish: boolean
  readonly once?: boolean
  readonly json?: boolean
}

/** `millrace train` */
export function trainCommand(): Command {
  return roleOptions(remoteOptions(folderCommand('train')))
    .description(
      'fit a model to the log, judge it against the one in service, publish it if it holds up; with --preset cluster it stays and trains when it is asked to',
    )
    .option('--factors <n>', 'dimension of the factors', whole(4, 256))
    .option('--iterations <n>', 'iterations at most', whole(1, 100))
    .option('--threads <n>', 'worker threads', whole(1, 64))
    .option('--cg-steps <n>', 'conjugate gradient steps in each half-iteration', whole(1, 20))
    .option('--no-publish', 'fit and judge only')
    .option('--once', 'with --preset cluster: train now and end')
    .option('--json', 'print only the report, as JSON')
    .action(async (flags: Flags) => {
      if (flags.to !== undefined) return trainRemotely(flags)
      if (flags.once !== true && roleConfig(flags).preset === 'cluster') return runRole('train', flags)
      const report = await runTraining(flags)
      if (flags.json === true) console.log(JSON.stringify(report))
      else console.log(sentenceOf(report))
      if (report.refused !== undefined) process.exitCode = 2
    })
}

/** Asks a running Millrace to train with its own settings, and waits for the end. */
async function trainRemotely(flags: Flags): Promise<void> {
  let status = await remote<TrainingStatus>(flags, 'POST', '/v1/training')
  while (status.state === 'running') {
    await systemClock().sleep(askEveryMs)
    status = await remote<TrainingStatus>(flags, 'GET', '/v1/training')
  }
  if (flags.json === true) console.log(JSON.stringify(status))
  else console.log([status.state, status.version, status.reason].filter((part) => part !== undefined).join(': '))
  if (status.state !== 'published') process.exitCode = status.state === 'refused' ? 2 : 1
}

const askEveryMs = 500

function runTraining(flags: Flags): Promise<TrainingReport> {
  const { factors, iterations, threads, cgSteps } = flags
  const chosen = { factors, iterations, threads } satisfies { [K in keyof Config]?: Config[K] | undefined }
  const { preset } = flags
  const config = configOf(flags, given({ ...chosen, preset }))
  return withFoldedParts(config, async (parts) => {
    const solver = solverOf(config, config.threads)
    const settings = { ...trainingSettingsOf(config), ...given({ cgSteps }) }
    const choices = {
      settings,
      foldSettings: parts.settings,
      rows: parts.rows,
      publish: flags.publish,
      ranks: config.ranking === 'learned',
      owner: ownerOf(config),
    }
    try {
      return await train({ ...parts, solver }, choices, trainingProgress())
    } finally {
      await solver.close()
    }
  })
}

/** The flags that were given. */
function given<T extends object>(flags: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: { [K in keyof T]?: NonNullable<T[K]> } = {}
  for (const [name, value] of Object.entries(flags)) if (value !== undefined) Object.assign(kept, { [name]: value })
  return kept
}

function sentenceOf(report: TrainingReport): string {
  const { users, items, interactions, version, published, refused, metrics } = report
  const size = `${interactions.toLocaleString('en')} interactions of ${users.toLocaleString('en')} users on ${items.toLocaleString('en')} items`
  const scores = Object.entries(metrics)
    .filter(([name]) => name.endsWith('ndcg@10'))
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
  const fate = refused !== undefined ? refusalOf(refused) : published ? 'published and served' : 'not published'
  return `model ${version}: ${size}; ${[...scores, fate].join(', ')}`
}

function refusalOf({ candidate, incumbent, allowed }: NonNullable<TrainingReport['refused']>): string {
  const scores = `NDCG@10 ${candidate.toFixed(4)} against ${incumbent.toFixed(4)} of the model in service`
  return `refused: ${scores}, at least ${allowed.toFixed(4)} was needed`
}
