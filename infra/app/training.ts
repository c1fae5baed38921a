import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { ulid } from 'ulid'
import { releaseAbandoned } from '#batch/claim-training.ts'
import { runTraining, type RunTrainingOptions } from '#batch/job.ts'
import { defaultTrainingSettings, type TrainingSettings } from '#schemas/models/training-settings.ts'
import { liveFaults } from './live-faults.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Config } from './config-keys.ts'
import { rankingViewOf } from './ranking-view.ts'

export type TrainingPorts = Pick<
  RunTrainingOptions,
  'log' | 'codec' | 'clock' | 'registry' | 'blobs' | 'features' | 'solver'
>

export interface TrainingChoices {
  readonly settings: TrainingSettings
  readonly foldSettings: FoldSettings
  /** Names the rows that the new model will be served with. */
  readonly rows: string
  readonly publish: boolean
  /** Whether a ranker is fitted with the model. */
  readonly ranks: boolean
  /** Names the data folder, of which one process trains at a time. */
  readonly owner: string
}

export function trainingSettingsOf(config: Config): TrainingSettings {
  const { factors, iterations, alpha0, lambda, nu, weightExponent, halfLifeDays, gateShare } = config
  const { neighbourShare, neighbourLambda } = config
  const chosen = { factors, iterations, alpha0, lambda, nu, weightExponent, halfLifeDays, gateShare }
  const share = neighbourShare < 0 ? 'auto' : neighbourShare
  return { ...defaultTrainingSettings, ...chosen, neighbourShare: share, neighbourLambda }
}

/** Names whoever trains: of one name one process exists at a time, and a claim under it is left over when that process starts. */
export function ownerOf({ preset, port, dataDir }: Config): string {
  if (preset === 'embedded') return `${hostname()}:${resolve(dataDir)}`
  return port === 0 ? randomUUID() : `${hostname()}:${port}`
}

/** One training, as every way of starting it runs it. What a trainer of this folder left claimed when it died is released. */
export async function train(
  ports: TrainingPorts,
  { settings, foldSettings, rows, publish, ranks, owner }: TrainingChoices,
  onProgress?: RunTrainingOptions['onProgress'],
) {
  await releaseAbandoned({ ...ports, owner })
  return runTraining({
    ...ports,
    settings,
    foldSettings,
    publish,
    run: ulid(),
    owner,
    ...liveFaults(foldSettings),
    generationOf: (version) => generationOf(rows, version),
    ...(ranks && { openView: rankingViewOf(foldSettings, ports.solver) }),
    ...(onProgress !== undefined && { onProgress }),
  })
}

/** A generation is a set of rows and a model. */
export function generationOf(rows: string, version: string): string {
  return `${rows}.${version}`
}
