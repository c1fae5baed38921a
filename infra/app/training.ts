import { hostname } from 'node:os'
import { ulid } from 'ulid'
import { runTraining, type RunTrainingOptions } from '#batch/job.ts'
import { defaultTrainingSettings, type TrainingSettings } from '#schemas/models/training-settings.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Config } from './config-keys.ts'

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
}

export function trainingSettingsOf(config: Config): TrainingSettings {
  const { factors, iterations, gateShare } = config
  return { ...defaultTrainingSettings, factors, iterations, gateShare }
}

/** One training, as every way of starting it runs it. */
export function train(
  ports: TrainingPorts,
  { settings, foldSettings, rows, publish }: TrainingChoices,
  onProgress?: RunTrainingOptions['onProgress'],
) {
  const processor = interactionsProcessor(foldSettings)
  return runTraining({
    ...ports,
    settings,
    foldSettings,
    publish,
    run: ulid(),
    owner: `${hostname()} ${process.pid}`,
    faultOf: (event) => processor.check(event),
    generationOf: (version) => generationOf(rows, version),
    ...(onProgress !== undefined && { onProgress }),
  })
}

/** A generation is a set of rows and a model. */
export function generationOf(rows: string, version: string): string {
  return `${rows}.${version}`
}
