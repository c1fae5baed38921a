import { seededRandom } from '#schemas/math/random.ts'
import { hash32 } from '#schemas/math/hash.ts'

export interface SlatePolicy {
  /** Items drawn at most. */
  readonly limit: number
  /** Slots filled by earlier pages: noise goes on from there. */
  readonly firstSlot: number
  readonly seed: number
  /** In units of the scores; 0 draws the best of what is left. */
  readonly temperature: number
  /** What a candidate loses, in units of the scores, for being just like one above it. */
  readonly diversity: number
  /** Likeness of every candidate to this one, in [0, 1]; read before the next is asked for. */
  readonly likeness: (candidate: number) => Float64Array
  /** Whether a candidate may follow the ones drawn so far; where none may, all may. */
  readonly mayFollow?: (candidate: number, drawn: readonly Pick[]) => boolean
}

export interface Pick {
  /** Place in `scores`. */
  readonly candidate: number
  /** Subtracted from the candidate's score at this slot. */
  readonly penalty: number
  /** Probability of this draw given the ones before it: exactly that of the policy. */
  readonly propensity: number
}

/**
 * Draws a list slot by slot. At each slot what may not follow is masked; the rest is scored by maximal marginal
 * relevance (Carbonell and Goldstein 1998), score − diversity · (largest similarity to what is drawn); Gumbel noise of
 * the slot's own decides. The largest of s_i/τ + Gumbel_i is i with probability softmax(s/τ)_i, which is logged.
 */
export function drawSlate(scores: Float64Array, policy: SlatePolicy): Pick[] {
  const penalties = new Float64Array(scores.length)
  const left = Array.from(scores.keys())
  const drawn: Pick[] = []
  while (drawn.length < policy.limit && left.length > 0) {
    const open = mayFollowOf(left, drawn, policy)
    const pick = drawSlot(scores, penalties, open, policy, policy.firstSlot + drawn.length)
    drawn.push(pick)
    left.splice(left.indexOf(pick.candidate), 1)
    if (policy.diversity === 0 || drawn.length === policy.limit) continue
    // The largest likeness to what is drawn is a running maximum: only the newest is compared with.
    const likeness = policy.likeness(pick.candidate)
    for (const candidate of left) {
      const penalty = policy.diversity * likeness[candidate]!
      if (penalty > penalties[candidate]!) penalties[candidate] = penalty
    }
  }
  return drawn
}

function mayFollowOf(left: readonly number[], drawn: readonly Pick[], { mayFollow }: SlatePolicy): readonly number[] {
  if (mayFollow === undefined) return left
  const open = left.filter((candidate) => mayFollow(candidate, drawn))
  return open.length === 0 ? left : open
}

function drawSlot(
  scores: Float64Array,
  penalties: Float64Array,
  open: readonly number[],
  { seed, temperature }: SlatePolicy,
  slot: number,
): Pick {
  const adjusted = (candidate: number) => scores[candidate]! - penalties[candidate]!
  let best = open[0]!
  for (const candidate of open) if (adjusted(candidate) > adjusted(best)) best = candidate
  if (!(temperature > 0)) return { candidate: best, penalty: penalties[best]!, propensity: 1 }
  const highest = adjusted(best)
  const random = seededRandom(hash32(`slot ${slot}`, seed))
  let chosen = best
  let chosenNoisy = -Infinity
  let sum = 0
  for (const candidate of open) {
    const scaled = (adjusted(candidate) - highest) / temperature
    sum += Math.exp(scaled)
    const uniform = random()
    if (scaled + mostNoise(uniform) < chosenNoisy) continue
    const noisy = scaled - Math.log(-Math.log(uniform || Number.MIN_VALUE))
    if (noisy <= chosenNoisy) continue
    chosen = candidate
    chosenNoisy = noisy
  }
  const propensity = Math.exp((adjusted(chosen) - highest) / temperature) / sum
  return { candidate: chosen, penalty: penalties[chosen]!, propensity }
}

/**
 * At least the Gumbel noise of u, a multiple of 2⁻³², without its logarithms: −ln(−ln u) ≤ −ln(1 − u), which the leading zeros of
 * 1 − u in binary bound. Most candidates are out of reach by it.
 */
function mostNoise(uniform: number): number {
  return (1 + Math.clz32((1 - uniform) * 2 ** 32)) * Math.LN2 + 1e-9
}
