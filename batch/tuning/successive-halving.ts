/** Candidates of a round and what each may spend in it. */
export interface Round {
  readonly candidates: number
  readonly iterations: number
}

/** Each round keeps a third of its candidates and lets them spend three times as much. */
const keep = 3

/** From all candidates at a small cost to the last few at the whole: 27 of 18 iterations are 27 × 2, 9 × 6, 3 × 18. */
export function roundsOf(candidates: number, iterations: number): Round[] {
  const count = Math.max(1, Math.round(Math.log(candidates) / Math.log(keep)))
  const rounds = Array.from({ length: count }, (_, round) => ({
    candidates: Math.max(1, Math.floor(candidates / keep ** round)),
    iterations: Math.max(1, Math.round(iterations / keep ** (count - 1 - round))),
  }))
  return rounds
}

export interface Judged {
  /** Number of the candidate, from 0. */
  readonly candidate: number
  readonly round: number
  readonly score: number
}

/**
 * Successive halving (Jamieson, Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter
 * optimization"): every candidate is judged cheaply, the best of them more thoroughly, and so on. Ends early, between two
 * judgements, once `isOver`. The best first: of the latest round, then by score, then by number; every candidate once,
 * with its latest judgement.
 */
export async function successiveHalving(options: {
  readonly rounds: readonly Round[]
  /** Higher is better; the same question has the same answer. */
  readonly judge: (candidate: number, round: number) => Promise<number>
  readonly isOver: () => boolean
}): Promise<Judged[]> {
  const { rounds, judge, isOver } = options
  const latest = new Map<number, Judged>()
  for (const [round, { candidates }] of rounds.entries()) {
    const chosen = round === 0 ? Array.from({ length: candidates }, (_, i) => i) : best(latest).slice(0, candidates)
    for (const candidate of chosen.sort((a, b) => a - b)) {
      if (isOver()) return ranked(latest)
      latest.set(candidate, { candidate, round, score: await judge(candidate, round) })
    }
  }
  return ranked(latest)
}

function best(latest: ReadonlyMap<number, Judged>): number[] {
  return ranked(latest).map(({ candidate }) => candidate)
}

function ranked(latest: ReadonlyMap<number, Judged>): Judged[] {
  return [...latest.values()].sort((a, b) => b.round - a.round || b.score - a.score || a.candidate - b.candidate)
}
