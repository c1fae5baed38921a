import { seededRandom } from '#schemas/math/random.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { featureCount } from '#schemas/models/ranker.ts'
import { items as knownItems } from '#serving/read-model/items.ts'
import { slotVectors } from '#serving/read-model/slot-vectors.ts'
import { bestCandidates, type Scoring } from '#serving/recommend/pool.ts'
import { requestScratch } from '#serving/recommend/scratch.ts'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import { percentiles, type Percentiles } from '../percentiles.ts'

const rounds = 3_000
const catalogueSize = 20_000
const poolSize = 60

/** Milliseconds to compute the features of so many candidates, to score them and to keep the best. */
export function rankingCost(candidates: number, factors: number, seed: number): Percentiles {
  const scoring = scoringOf(candidates, factors, seed)
  const rows = Array.from({ length: candidates }, (_, row) => row)
  const times: number[] = []
  for (let round = 0; round < 2 * rounds; round++) {
    const began = performance.now()
    bestCandidates(scoring, rows, poolSize)
    if (round >= rounds) times.push(performance.now() - began)
  }
  return percentiles(times)
}

/** Items of random categories, counts and vectors; the candidates are spread over all of them. */
function scoringOf(count: number, k: number, seed: number): Scoring {
  const random = seededRandom(seed)
  const items = knownItems(defaultFoldSettings)
  const vectors = slotVectors(k, catalogueSize)
  const vector = () => Float32Array.from({ length: k }, () => random() - 0.5)
  for (let slot = 0; slot < catalogueSize; slot++) {
    const itemId = `item ${slot}`
    const categories = [`category ${Math.floor(20 * random())}`, `category ${Math.floor(20 * random())}`]
    items.setEntry(itemId, { itemId, item: { ...blankItem, categories }, firstSeenAt: 0, updatedAt: 0 })
    const total = Math.ceil(1 / (random() + 0.001))
    items.setStatistics(itemId, { time: 1e12, fast: total / 9, slow: total / 3, total, coViews: [] })
    vectors.set(slot, vector())
  }
  const scratch = requestScratch()
  scratch.begin(catalogueSize)
  for (let n = 0; n < count; n++) {
    const row = scratch.candidates.add((n * 7_919) % catalogueSize)
    scratch.candidates.coViews[row] = random() < 0.3 ? random() : 0
  }
  const model = { k, alpha0: 1, lambda: 1, nu: 0, items: catalogueSize, gramian: new Float64Array(k * k) }
  const folded = { ...typescriptSolver().foldIn(model, vector(), Float32Array.of(1)), itemIds: ['item 0'] }
  const affinities = new Map([1, 2, 3].map((n) => [`category ${n}`, 0.3]))
  const weights = Float64Array.from({ length: featureCount }, random)
  return { candidates: scratch.candidates, taste: { folded, affinities }, model: { vectors }, items, weights }
}
