import type { Model } from '#schemas/models/model.ts'
import { withShare } from './with-share.ts'

/** How loud neighbours may be: what suits lies anywhere, since x·y is as large as α0 and the weights let it be. */
export const neighbourShares = [0, 1 / 64, 1 / 16, 1 / 4, 1, 4, 16]

/** The share with which a model, fitted with 1, scores highest; of equal ones the first. It costs no fit to try them all. */
export async function bestShare(
  model: Model,
  shares: readonly number[],
  judge: (model: Model) => Promise<number>,
): Promise<{ readonly neighbourShare: number; readonly score: number }> {
  let best = { neighbourShare: 0, score: -Infinity }
  for (const neighbourShare of shares) {
    const score = await judge(withShare(model, neighbourShare))
    if (score > best.score) best = { neighbourShare, score }
  }
  return best
}
