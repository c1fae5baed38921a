import { measureAccuracy, type Measured } from '#batch/measure.ts'
import { topK } from '#schemas/math/top-k.ts'

/** How well one way to rank foretells. */
export interface Judged {
  /** What is asked, and of whom. */
  readonly question: string
  readonly rankedBy: string
  readonly recall: Measured
  readonly ndcg: Measured
}

/** A user by whom is judged: what they liked, by the places of what is ranked. */
export interface Judge {
  readonly relevant: Uint32Array
  /** Places that are not ranked for this user. */
  readonly skip?: Iterable<number>
}

export const listLength = 50

/** `score` gives a number for every place; the best 50 are the list. */
export function judgedBy<J extends Judge>(options: {
  readonly question: string
  readonly rankedBy: string
  readonly judges: readonly J[]
  readonly score: (judge: J, user: number) => Float32Array
  readonly seed: number
}): Judged {
  const { question, rankedBy, judges, score, seed } = options
  const rankings = judges.map((judge, user) => {
    const scores = score(judge, user).slice()
    for (const place of judge.skip ?? []) scores[place] = NaN
    return topK(scores, scores.length, listLength)
  })
  const at = [10, listLength]
  const metrics = measureAccuracy({ tests: judges, rankings }, { at, seed }, ['recall', 'ndcg'])
  return { question, rankedBy, recall: metrics[`recall@${listLength}`]!, ndcg: metrics['ndcg@10']! }
}

/** At most so many, evenly spread. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  const every = all.length / most
  return every <= 1 ? all : Array.from({ length: most }, (_, i) => all[Math.floor(i * every)]!)
}
