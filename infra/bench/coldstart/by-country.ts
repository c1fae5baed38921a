import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { historyColumns } from '#batch/history-columns.ts'
import { withProfiles } from '#batch/profiles.ts'
import { trainModel } from '#batch/train.ts'
import { trainingSet } from '#batch/training-set.ts'
import { hash53 } from '#schemas/math/hash.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import { profileVector, type UserTraits } from '#schemas/models/profile-features.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { defaultScoreWeights } from '#schemas/models/ranker.ts'
import { judgedBy, type Judge, type Judged } from './judged.ts'
import { rowsOf } from './packed-rows.ts'

const heldOutOf = 5

interface Customer {
  readonly id: string
  readonly country: string
  readonly bought: ReadonlyMap<string, number>
}

/**
 * Customers of a shop of whom nothing is known but their country: a fifth is held out whole, and all they bought is asked
 * for. Undefined where the data are not there.
 */
export async function byCountry({
  folder,
  solver,
  seed,
}: {
  readonly folder: string
  readonly solver: Solver
  readonly seed: number
}): Promise<Judged[] | undefined> {
  const file = join(folder, 'online-retail', 'online_retail.csv.gz')
  if (!existsSync(file)) return undefined
  const customers = customersIn(file)
  const isHeldOut = ({ id }: Customer) => hash53(`customer ${id}`, seed) % heldOutOf === 0
  const known = customers.filter((customer) => !isHeldOut(customer))
  const settings = { ...factorSettings, iterations: 10, halfLifeDays: 0 }
  const set = trainingSet(historiesOf(known), defaultFoldSettings, { shape: settings })
  const clock = { now: () => performance.now() }
  const trained = await trainModel({ solver, clock, set, settings, version: 'countries' })
  const countries = new Map(known.map(({ id, country }) => [id, country]))
  const traitsOf = (userId: string) => traits(countries.get(userId) ?? '')
  const { model } = await withProfiles({ solver, model: trained.model, set, traitsOf })
  const columns = new Map(set.itemIds.map((itemId, column) => [itemId, column]))
  const judges = customers.filter(isHeldOut).flatMap((customer) => judgeOf(customer, columns))
  const inAll = buyers(known, columns)
  const leader = inAll.reduce((most, count) => Math.max(most, count), 1)
  const inCountry = new Map<string, Float32Array>()
  for (const [country, ofCountry] of Map.groupBy(known, (customer) => customer.country)) {
    inCountry.set(country, buyers(ofCountry, columns))
  }
  const expected = new Map<string, Float32Array>()
  for (const { country } of judges) expected.set(country, byProfile(country))

  function byProfile(country: string): Float32Array {
    const { k, itemFactors } = model
    const scores = new Float32Array(set.itemIds.length)
    const vector = profileVector(model, traits(country)) ?? new Float32Array(k)
    multiplyRows(scores, itemFactors, 0, scores.length, Float64Array.from(vector))
    return scores
  }

  const abroad = judges.filter(({ country }) => country !== 'United Kingdom')
  return [
    { who: 'all', judged: judges },
    { who: 'outside the United Kingdom', judged: abroad },
  ].flatMap(({ who, judged }) => {
    const question = `Online Retail: ${judged.length.toLocaleString('en')} customers known by country, ${who}`
    const by = (rankedBy: string, score: (judge: NewCustomer) => Float32Array) =>
      judgedBy({ question, rankedBy, judges: judged, score, seed })
    return [
      by('popularity', () => inAll),
      by('popularity in the country', ({ country }) => inCountry.get(country) ?? inAll),
      by('ours: vector by profile', ({ country }) => expected.get(country)!),
      by(`ours: vector by profile + ${defaultScoreWeights.trending} popularity`, ({ country }) =>
        expected.get(country)!.map((score, i) => score + (defaultScoreWeights.trending * inAll[i]!) / leader),
      ),
    ]
  })
}

interface NewCustomer extends Judge {
  readonly country: string
}

function judgeOf({ country, bought }: Customer, columns: ReadonlyMap<string, number>): NewCustomer[] {
  const found = Array.from(bought.keys(), (itemId) => columns.get(itemId)).filter((column) => column !== undefined)
  return found.length === 0 ? [] : [{ country, relevant: Uint32Array.from(found).sort() }]
}

function traits(country: string): UserTraits {
  return { profile: { attributes: { country }, interests: [] } }
}

/** Customers who bought each item. */
function buyers(customers: readonly Customer[], columns: ReadonlyMap<string, number>): Float32Array {
  const counts = new Float32Array(columns.size)
  for (const { bought } of customers) {
    for (const itemId of bought.keys()) {
      const column = columns.get(itemId)
      if (column !== undefined) counts[column]!++
    }
  }
  return counts
}

/** What each customer bought, with the time they did last; a return is no purchase. */
function customersIn(file: string): Customer[] {
  const customers = new Map<string, Customer & { readonly bought: Map<string, number> }>()
  for (const [, itemId = '', , quantity, at = '', , id = '', country = ''] of rowsOf(file)) {
    if (id === '' || !(Number(quantity) > 0)) continue
    const known = customers.get(id) ?? { id, country: country.trim(), bought: new Map<string, number>() }
    known.bought.set(itemId, Date.parse(`${at.replace(' ', 'T')}Z`))
    customers.set(id, known)
  }
  return [...customers.values()]
}

function historiesOf(customers: readonly Customer[]) {
  const columns = historyColumns()
  for (const { id, bought } of customers) {
    const inTime = [...bought].sort(([, a], [, b]) => a - b)
    columns.add(
      id,
      0,
      inTime.map(([itemId, time], offset) => ({
        id: `${id} ${itemId}`,
        itemId,
        action: 'purchase',
        value: null,
        occurredAt: time,
        acceptedAt: time,
        clock: time,
        offset,
        filed: false,
      })),
    )
  }
  return { ...columns.joined(), positions: [], unreadable: 0 }
}
