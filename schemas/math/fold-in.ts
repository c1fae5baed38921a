import type { Explained, FoldInModel, FoldInResult } from '../ports/solver.ts'
import { factorCholesky, solveCholesky, substituteBackward, substituteForward } from './cholesky.ts'
import { addOuterProducts } from './gramian.ts'
import { scaledLambda } from './regularisation.ts'
import { addRow, dot, dotDouble, multiplyRows } from './vector.ts'

/**
 * One user's factor from a history, exactly:
 *
 *     A_u = Σ_i∈S_u c_ui y_i y_iᵀ + α0 YᵀY + λ_u I          A_u x_u = Σ_i∈S_u c_ui p_ui y_i
 *
 * (Hu, Koren, Volinsky 2008, equation 4, with the loss of Rendle et al. 2021). Row j of `vectors` is history item j of
 * confidence |values[j]| and preference values[j] > 0. The result refers to both arrays: they must not change while it is in use.
 */
export function foldIn(model: FoldInModel, vectors: Float32Array, values: Float32Array): FoldInResult {
  const { k } = model
  const count = values.length
  const frozen = frozenOf(model)
  const lambda = scaledLambda(count, model.items, model)
  const l = regularised(frozen.base, k, lambda)
  addOuterProducts(l, vectors, k, 0, count, values)
  factorCholesky(l, k)
  const x = new Float64Array(k)
  for (let j = 0; j < count; j++) if (values[j]! > 0) addRow(x, values[j]!, vectors, j * k)
  solveCholesky(l, k, x)
  const vector = Float32Array.from(x)

  return {
    vector,
    scores(queries) {
      const scores = new Float32Array(queries.length / k)
      for (let i = 0; i < scores.length; i++) scores[i] = dot(vector, 0, queries, i * k, k)
      return scores
    },
    contributions(query) {
      const z = Float64Array.from(query)
      solveCholesky(l, k, z)
      return contributionsBy(z)
    },
    confidence(query) {
      const half = Float64Array.from(query)
      substituteForward(l, k, half)
      return confidenceFrom(query, half)
    },
    explained: (queries) =>
      Array.from({ length: queries.length / k }, (_, i) => explained(queries.subarray(i * k, (i + 1) * k))),
  }

  function explained(query: Float32Array): Explained {
    const z = Float64Array.from(query)
    substituteForward(l, k, z)
    const confidence = confidenceFrom(query, z)
    substituteBackward(l, k, z)
    return { contributions: contributionsBy(z), confidence }
  }

  /** c_j p_j z·y_j of every history item, for z = A⁻¹y. */
  function contributionsBy(z: Float64Array): Float32Array {
    const contributions = new Float32Array(count)
    multiplyRows(contributions, vectors, 0, count, z)
    for (let j = 0; j < count; j++) contributions[j] = values[j]! > 0 ? values[j]! * contributions[j]! : 0
    return contributions
  }

  /** `half`: L⁻¹y, whose squared length is yᵀA⁻¹y. */
  function confidenceFrom(query: Float32Array, half: Float64Array): number {
    const bare = Float64Array.from(query)
    substituteForward(bareFactor(frozen, k, lambda), k, bare)
    const before = dotDouble(bare, 0, bare, 0, k)
    if (!(before > 0)) return 0
    return Math.max(0, 1 - Math.sqrt(dotDouble(half, 0, half, 0, k) / before))
  }
}

/** What every fold-in under one model shares, computed once. */
interface Frozen {
  readonly alpha0: number
  /** α0 YᵀY. */
  readonly base: Float64Array
  /** Cholesky factors of A₀ = α0 YᵀY + λ_u I, by λ_u: one for each length of a history. */
  readonly bareFactors: Map<number, Float64Array>
}

/** 256 factors at k = 64 take 8 MB. */
const bareFactorsKept = 256

const frozenByGramian = new WeakMap<Float64Array, Frozen>()

function frozenOf(model: FoldInModel): Frozen {
  const known = frozenByGramian.get(model.gramian)
  if (known !== undefined && known.alpha0 === model.alpha0) return known
  const base = model.gramian.map((value) => value * model.alpha0)
  const frozen = { alpha0: model.alpha0, base, bareFactors: new Map<number, Float64Array>() }
  frozenByGramian.set(model.gramian, frozen)
  return frozen
}

function bareFactor({ base, bareFactors }: Frozen, k: number, lambda: number): Float64Array {
  const known = bareFactors.get(lambda)
  if (known !== undefined) return known
  const l = regularised(base, k, lambda)
  factorCholesky(l, k)
  if (bareFactors.size >= bareFactorsKept) bareFactors.clear()
  bareFactors.set(lambda, l)
  return l
}

function regularised(base: Float64Array, k: number, lambda: number): Float64Array {
  const a = base.slice()
  for (let i = 0; i < k; i++) a[i * k + i]! += lambda
  return a
}
