/** A group of examples that were foretold alike. */
export interface ReliabilityBin {
  readonly examples: number
  /** Mean of what was foretold, and the share that came true. */
  readonly foretold: number
  readonly observed: number
}

export interface Calibration {
  readonly bins: readonly ReliabilityBin[]
  /** Σ_b (n_b / n) |foretold_b − observed_b|. */
  readonly expectedError: number
}

/**
 * Reliability of probabilities in bins of as many examples each (Naeini, Cooper and Hauskrecht 2015; equal counts, since
 * most probabilities of a click are small). Equal probabilities may fall into neighbouring bins.
 */
export function calibration(foretold: ArrayLike<number>, labels: ArrayLike<number>, bins = 10): Calibration {
  const order = Uint32Array.from({ length: foretold.length }, (_, i) => i)
  order.sort((a, b) => foretold[a]! - foretold[b]! || a - b)
  const found: ReliabilityBin[] = []
  let error = 0
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * order.length) / bins)
    const to = Math.floor(((bin + 1) * order.length) / bins)
    if (to === from) continue
    let said = 0
    let came = 0
    for (let at = from; at < to; at++) {
      said += foretold[order[at]!]!
      came += labels[order[at]!]!
    }
    const examples = to - from
    found.push({ examples, foretold: said / examples, observed: came / examples })
    error += Math.abs(said - came) / order.length
  }
  return { bins: found, expectedError: error }
}
