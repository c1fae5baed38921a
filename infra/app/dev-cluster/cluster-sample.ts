import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { Static } from 'typebox'
import { demoImports } from '#infra/demo/sample.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { httpTarget } from '#producers/import/http-target.ts'
import { importFiles } from '#producers/import/import-files.ts'
import { parseImportOptions } from '#producers/import/import-options.ts'
import type { ImportProgress } from '#producers/import/import-progress.ts'
import type { ModelList, TrainingStatus } from '#schemas/api/operations.ts'
import type { UsersAnswer } from '#schemas/api/catalogue-reads.ts'
import { MillraceError } from '#schemas/errors.ts'
import { remote, type RemoteFlags } from '../cli/remote.ts'
import type { Config } from '../config-keys.ts'
import { apiKeysOf, foldSettingsOf } from '../config.ts'
import { openParts } from '../open-parts.ts'
import { rowsCaughtUp } from '../rows-caught-up.ts'
import type { ClusterFolder } from './cluster-folder.ts'

export interface SampleOptions {
  readonly folder: ClusterFolder
  /** Of the roles. */
  readonly config: Config
  /** Address of the gateway. */
  readonly gateway: string
  readonly progress: ImportProgress
  readonly say: (line: string) => void
}

const askEveryMs = 500

/** Fills an empty cluster with the bundled sample and trains a first model of it, once; what was cut short goes on. */
export async function loadSample(options: SampleOptions): Promise<void> {
  const { folder, config, gateway, say } = options
  const mark = (what: string) => join(folder.run, `sample-${what}`)
  if (existsSync(mark('trained'))) return
  const [apiKey] = apiKeysOf(config)
  const ask: RemoteFlags = { to: gateway, ...(apiKey !== undefined && { apiKey }) }
  if (!existsSync(mark('begun')) && (await holdsUsers(ask))) return
  writeFileSync(mark('begun'), '')
  if (!existsSync(mark('loaded'))) {
    say('Loading 100,015 real film ratings (MovieTweetings, MIT) through the gateway.')
    await importSample(options, apiKey)
    writeFileSync(mark('loaded'), '')
  }
  await folded(options)
  const { items: models } = await remote<Static<typeof ModelList>>(ask, 'GET', '/v1/models')
  if (!models.some(({ state }) => state === 'serving')) {
    say('Training a model on them.')
    await train(ask, say)
  }
  writeFileSync(mark('trained'), '')
}

async function holdsUsers(ask: RemoteFlags): Promise<boolean> {
  return (await remote<Static<typeof UsersAnswer>>(ask, 'GET', '/v1/users')).users.length > 0
}

async function importSample({ folder, config, gateway, progress }: SampleOptions, apiKey: string | undefined) {
  const target = httpTarget({ url: gateway, apiKey })
  const rejectsPath = join(folder.path, 'sample.rejects.jsonl')
  for (const { files, options } of demoImports) {
    const plan = parseImportOptions(options, files)
    const settings = foldSettingsOf(config)
    await importFiles({ files, plan, target, settings, clock: systemClock(), progress, rejectsPath })
  }
}

/** A training studies rows: all that was sent must be in them. */
async function folded({ config, say }: SampleOptions): Promise<void> {
  const report = (error: unknown, doing: string) => say(`${doing}: ${String(error)}`)
  const parts = await openParts(config, { name: 'cluster-up', report })
  try {
    await rowsCaughtUp(parts)
  } finally {
    await parts.close()
  }
}

async function train(ask: RemoteFlags, say: (line: string) => void): Promise<void> {
  let status = await remote<TrainingStatus>(ask, 'POST', '/v1/training')
  while (status.state === 'running') {
    await after(askEveryMs)
    status = await remote<TrainingStatus>(ask, 'GET', '/v1/training')
  }
  const { state, metrics, reason } = status
  if (state !== 'published')
    throw new MillraceError('training-impossible', `the first training ended ${state}: ${reason ?? ''}`)
  const score = (name: string) => metrics?.[name]?.toFixed(4) ?? '–'
  say(`NDCG@10 on held-out ratings: ${score('ndcg@10')}, popularity: ${score('popularity.ndcg@10')}`)
}
