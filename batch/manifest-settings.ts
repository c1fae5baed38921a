import { plainConfidence } from '#schemas/models/preference.ts'
import { defaultTrainingSettings, type TrainingSettings } from '#schemas/models/training-settings.ts'
import type { ModelManifest } from '#schemas/ports/model-registry.ts'

/**
 * The training settings that a manifest records; a setting that it does not know has today's default, but for the shape of
 * confidence: before it was recorded it was plain.
 */
export function settingsOf({ settings }: Pick<ModelManifest, 'settings'>): TrainingSettings {
  const read = (name: keyof TrainingSettings): number => {
    const recorded = settings[name]
    return typeof recorded === 'number' ? recorded : unrecorded[name]
  }
  return {
    factors: read('factors'),
    iterations: read('iterations'),
    alpha0: read('alpha0'),
    lambda: read('lambda'),
    nu: read('nu'),
    cgSteps: read('cgSteps'),
    seed: read('seed'),
    gateShare: read('gateShare'),
    weightExponent: read('weightExponent'),
    halfLifeDays: read('halfLifeDays'),
  }
}

const unrecorded: TrainingSettings = { ...defaultTrainingSettings, ...plainConfidence }
