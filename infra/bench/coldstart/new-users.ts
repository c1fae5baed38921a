import { trainModel } from '#batch/train.ts'
import { trainingSet, type TrainingSet } from '#batch/training-set.ts'
import { decay } from '#schemas/math/exp2.ts'
import { hash53 } from '#schemas/math/hash.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model } from '#schemas/models/model.ts'
import { shapedPreferences, type TimedInteraction } from '#schemas/models/preference.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { weightOf } from '#schemas/settings.ts'
import { defaultScoreWeights } from '#schemas/models/ranker.ts'
import type { RatedData } from '../quality/rated-data.ts'
import { judgedBy, spread, type Judge, type Judged } from './judged.ts'

export interface NewUsersOptions {
  readonly data: RatedData
  readonly solver: Solver
  readonly seed: number
}

const heldOutOf = 5
const mostUsers = 3_000
const eventCounts = [1, 3, 5]
const most = Math.max(...eventCounts)

interface NewUser extends Judge {
  /** The first five events, by columns of the training set. */
  readonly first: readonly (TimedInteraction & { readonly column: number })[]
  /** Of the last of them, epoch ms. */
  readonly time: number
}

/**
 * A fifth of the users is held out whole; the model is fitted to the others. Each is folded in from their first 1, 3 and 5
 * events, and what they liked after the fifth is asked for each time, so that the figures may be compared. What trended
 * and what was popular is taken as it was at that time; popularity over all time knows what was yet to come.
 */
export async function newUsers({ data, solver, seed }: NewUsersOptions): Promise<Judged[]> {
  const { histories, foldSettings } = data
  const isHeldOut = histories.userIds.map((userId) => hash53(`user ${userId}`, seed) % heldOutOf === 0)
  const users = Uint32Array.from(histories.items)
  for (let user = 0; user < isHeldOut.length; user++)
    users.fill(user, histories.starts[user], histories.starts[user + 1])
  const settings = { ...factorSettings, iterations: 10, halfLifeDays: data.protocol === 'time-split' ? 30 : 0 }
  const set = trainingSet(histories, foldSettings, { keep: (entry) => !isHeldOut[users[entry]!], shape: settings })
  const clock = { now: () => performance.now() }
  const { model } = await trainModel({ solver, clock, set, settings, version: 'guests' })
  const judges = spread(guests(data, set, isHeldOut), mostUsers)
  const question = `${data.name}: ${judges.length.toLocaleString('en')} guests`
  const popularity = Float32Array.from(
    set.itemIds,
    (_, item) => set.byItem.starts[item + 1]! - set.byItem.starts[item]!,
  )
  const hasTimes = data.protocol === 'time-split'
  const week = foldSettings.slowHalfLifeMs
  const likedThen = (halfLifeMs: number) => then(data, { set, users, isHeldOut, judges, halfLifeMs })
  const trends = hasTimes ? likedThen(week) : judges.map(() => popularity)
  const judged = [judgedBy({ question, rankedBy: 'popularity over all time', judges, score: () => popularity, seed })]
  if (hasTimes) {
    const popular = likedThen(Infinity)
    judged.push(
      judgedBy({ question, rankedBy: 'popularity then', judges, score: (_, index) => popular[index]!, seed }),
      judgedBy({ question, rankedBy: 'trending then', judges, score: (_, index) => trends[index]!, seed }),
    )
  }
  for (const n of eventCounts) {
    const after = `${question}, after ${n} event${n === 1 ? '' : 's'}`
    const byFactors = judges.map((guest) => factorScores(solver, model, data, guest, n))
    judged.push(
      judgedBy({ question: after, rankedBy: 'ours: fold-in', judges, score: (_, index) => byFactors[index]!, seed }),
      judgedBy({
        question: after,
        rankedBy: `ours: fold-in + ${defaultScoreWeights.trending} ${hasTimes ? 'trending' : 'popularity'}`,
        judges,
        score: (_, index) => summed(byFactors[index]!, trends[index]!, defaultScoreWeights.trending),
        seed,
      }),
    )
  }
  return judged
}

/** Held-out users with more than five events, and something liked after the fifth. */
function guests({ histories, foldSettings }: RatedData, set: TrainingSet, isHeldOut: readonly boolean[]): NewUser[] {
  const found: NewUser[] = []
  for (let user = 0; user < isHeldOut.length; user++) {
    if (!isHeldOut[user]) continue
    const first: NewUser['first'][number][] = []
    const relevant: number[] = []
    for (let entry = histories.starts[user]!; entry < histories.starts[user + 1]!; entry++) {
      const column = set.columnOfItem[histories.items[entry]!]!
      const time = histories.times[entry]!
      const event = {
        column,
        itemId: String(column),
        action: histories.actionNames[histories.actions[entry]!]!,
        value: histories.values[entry]!,
        occurredAt: time,
        acceptedAt: time,
      }
      if (first.length < most) first.push(event)
      else if (column !== -1 && weightOf(foldSettings, event) > 0) relevant.push(column)
    }
    const seen = new Set(first.map(({ column }) => column).filter((column) => column !== -1))
    const later = new Set(relevant.filter((column) => !seen.has(column)))
    if (later.size === 0) continue
    found.push({ first, time: first.at(-1)!.occurredAt!, skip: seen, relevant: Uint32Array.from(later).sort() })
  }
  return found
}

function factorScores(
  solver: Solver,
  model: Model,
  { foldSettings }: RatedData,
  guest: NewUser,
  n: number,
): Float32Array {
  const { k, itemFactors } = model
  const count = itemFactors.length / k
  const known = guest.first.slice(0, n).filter(({ column }) => column !== -1)
  const { vector } = foldInUser({
    solver,
    model,
    preferences: shapedPreferences(known, foldSettings, model),
    vectorOf: (column) => itemFactors.subarray(Number(column) * k, (Number(column) + 1) * k),
  })
  const scores = new Float32Array(count)
  multiplyRows(scores, itemFactors, 0, count, Float64Array.from(vector))
  return scores
}

/** x·y and the share of the leader's trend, weighed as serving weighs them. */
function summed(scores: Float32Array, trend: Float32Array, weight: number): Float32Array {
  const leader = trend.reduce((largest, value) => Math.max(largest, value), 0) || 1
  return scores.map((score, i) => score + (weight * trend[i]!) / leader)
}

/** Of each guest what others had done by the time they had done five things, decayed by the half-life. */
function then(
  { histories }: RatedData,
  given: {
    readonly set: TrainingSet
    readonly users: Uint32Array
    readonly isHeldOut: readonly boolean[]
    readonly judges: readonly NewUser[]
    readonly halfLifeMs: number
  },
): Float32Array[] {
  const { set, users, isHeldOut, judges, halfLifeMs: halfLife } = given
  const { times, items } = histories
  const entries = Array.from(times.keys()).filter((entry) => !isHeldOut[users[entry]!])
  entries.sort((a, b) => times[a]! - times[b]!)
  const order = Array.from(judges.keys()).sort((a, b) => judges[a]!.time - judges[b]!.time)
  const trend = new Float64Array(set.itemIds.length)
  const found: Float32Array[] = []
  let at = 0
  let now = times[entries[0]!] ?? 0
  for (const judge of order) {
    const { time } = judges[judge]!
    const fading = decay(Math.max(0, time - now) / halfLife)
    for (let i = 0; i < trend.length; i++) trend[i]! *= fading
    now = Math.max(now, time)
    for (; at < entries.length && times[entries[at]!]! < time; at++) {
      const column = set.columnOfItem[items[entries[at]!]!]!
      if (column !== -1) trend[column]! += decay((now - times[entries[at]!]!) / halfLife)
    }
    found[judge] = Float32Array.from(trend)
  }
  return found
}
