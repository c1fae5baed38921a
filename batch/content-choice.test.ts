import { describe, expect, it } from 'vitest'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import { foldIn } from '#schemas/math/fold-in.ts'
import { gramian } from '#schemas/math/gramian.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { solveRidge } from '#schemas/math/ridge.ts'
import { contentVector, plainContent } from '#schemas/models/content-features.ts'
import type { Model } from '#schemas/models/model.ts'
import { plainConfidence } from '#schemas/models/preference.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { chooseContentSettings, defaultContentSettings } from './content-choice.ts'
import { describedItems } from './content-fit.ts'
import { withContent } from './content.ts'
import { historiesOf } from './histories.fixture.ts'
import { trainingSet } from './training-set.ts'

const k = 8
const kinds = 40
const solver: Pick<Solver, 'foldIn' | 'solveRidge'> = { foldIn, solveRidge: async (problem) => solveRidge(problem) }

/** Each item is of a kind, which one rare tag tells; five frequent tags say nothing. A user likes items of one kind. */
async function shop(count: number) {
  const random = seededRandom(count)
  const directions = Array.from({ length: kinds }, () => Array.from({ length: k }, () => random() - 0.5))
  const catalogue = new Map<string, Item>()
  const itemFactors = new Float32Array(count * k)
  for (let item = 0; item < count; item++) {
    const noise = Array.from({ length: 5 }, () => `noise-${Math.floor(random() * 10)}`)
    catalogue.set(`i${item}`, { ...blankItem, tags: [`kind-${item % kinds}`, ...noise] })
    itemFactors.set(
      directions[item % kinds]!.map((value) => value + (random() - 0.5) / 2),
      item * k,
    )
  }
  const events = Array.from({ length: 80 * 20 }, (_, n) => {
    const user = n % 80
    const item = (user % kinds) + kinds * Math.floor(random() * Math.floor(count / kinds))
    return { user: `u${user}`, item: `i${item}`, time: n }
  })
  const itemIds = [...catalogue.keys()]
  const model: Model = {
    ...plainConfidence,
    version: 'v',
    k,
    alpha0: 0.1,
    lambda: 0.01,
    nu: 1,
    items: count,
    users: 80,
    gramian: gramian({ rows: count, k, data: itemFactors }),
    userGramian: new Float64Array(k * k),
    itemIds,
    itemFactors,
    itemCounts: new Uint32Array(count),
    contentSpace: plainContent,
    content: new Float32Array(0),
    profile: new Float32Array(0),
  }
  const set = trainingSet(historiesOf(events), defaultFoldSettings)
  const described = await describedItems([...itemIds.keys()], (row) => catalogue.get(itemIds[row]!)!, null)
  return { solver, model, set, catalogue, described, directions, seed: 1 }
}

describe('The settings of content', () => {
  it('stress rare terms where those tell items apart, the same every time', async () => {
    const chosen = await chooseContentSettings(await shop(1_200))
    expect(chosen.termExponent).toBeGreaterThan(0)
    expect(await chooseContentSettings(await shop(1_200))).toEqual(chosen)
  })

  it('are the default where there are too few items to choose by', async () => {
    expect(await chooseContentSettings(await shop(200))).toBe(defaultContentSettings)
  })
})

describe('A model with content', () => {
  it('foresees the factors of an item it has not seen, and says what it learnt from', async () => {
    const { directions, ...given } = await shop(1_200)
    const { model, fitted } = await withContent(given)
    expect(fitted).toMatchObject({ items: 1_200, terms: kinds + 10 })
    const vector = contentVector(model, { ...blankItem, tags: ['kind-7', 'noise-1', 'never seen'] })
    const product = (kind: number) => directions[kind]!.reduce((sum, value, i) => sum + value * vector[i]!, 0)
    const best = Array.from({ length: kinds }, (_, kind) => kind).sort((a, b) => product(b) - product(a))
    expect(best.slice(0, 3)).toContain(7)
  })

  it('of items that nobody describes has no content', async () => {
    const { model, fitted } = await withContent({ ...(await shop(200)), catalogue: new Map() })
    expect(fitted).toEqual({ items: 0, terms: 0 })
    expect([...contentVector(model, { ...blankItem, tags: ['kind-7'] })]).toEqual(Array.from({ length: k }, () => 0))
  })
})
