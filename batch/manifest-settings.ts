import { plainConfidence } from '#schemas/models/preference.ts'
import { factorSettings, type FitSettings } from '#schemas/models/training-settings.ts'
import type { ModelManifest } from '#schemas/ports/model-registry.ts'

/**
 * The training settings that a manifest records; a setting that it does not know has today's default, but for the shape of
 * confidence, which was plain before it was recorded, and for neighbours, of which there were none.
 */
export function settingsOf({ settings }: Pick<ModelManifest, 'settings'>): FitSettings {
  const read = (name: keyof FitSettings): number => {
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
    neighbourShare: read('neighbourShare'),
    neighbourLambda: read('neighbourLambda'),
  }
}

const unrecorded: FitSettings = { ...factorSettings, ...plainConfidence }
