import type { ScanTopK } from '../math/top-k.ts'

/** Row-major matrix, rows × k. What a training works on lies in one workspace: so its threads share it, and nothing is copied. */
export interface Factors {
  readonly rows: number
  readonly k: number
  readonly data: Float32Array
}

/** Compressed sparse rows. */
export interface SparseRows {
  readonly rows: number
  readonly columns: number
  /** Length rows + 1. */
  readonly starts: Uint32Array
  /** Column of each entry, ascending within a row. */
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** A value's sign is the preference (above 0: p = 1; else p = 0), its size the confidence. */
export type Interactions = SparseRows

/** Dense targets, k numbers each, regressed on sparse features. */
export interface RidgeProblem {
  readonly features: SparseRows
  /** As many rows as the features. */
  readonly targets: Factors
  /** λ > 0. */
  readonly lambda: number
}

export interface Regularisation {
  /** Weight of every unobserved pair, α0. */
  readonly alpha0: number
  readonly lambda: number
  /** Exponent of the frequency scaling, ν. */
  readonly nu: number
}

/** What a fold-in needs of a model: frozen with it. */
export interface FoldInModel extends Regularisation {
  readonly k: number
  /** |I| at training. */
  readonly items: number
  /** YᵀY, k × k row-major. */
  readonly gramian: Float64Array
}

export interface FoldInResult {
  readonly vector: Float32Array
  /** x·y for each query item. */
  scores(queries: Float32Array): Float32Array
  /** x·y = Σ_j c_j p_j yᵀA⁻¹y_j: the signed contribution of each history item to the score of `query`, in history order. */
  contributions(query: Float32Array): Float32Array
  /** 1 − sqrt(yᵀA⁻¹y / yᵀA₀⁻¹y) with A₀ = α0 YᵀY + λ_u I; 0 when y = 0. */
  confidence(query: Float32Array): number
  /** Contributions and confidence of each query item, the same as asked for apart: together they share much of the work. */
  explained(queries: Float32Array): Explained[]
}

export interface Explained {
  readonly contributions: Float32Array
  readonly confidence: number
}

/**
 * `cg`: `cgSteps` steps of conjugate gradient, warm-started. `ials++`: one sweep over blocks of eight dimensions, each solved
 * exactly; `cgSteps` is of no meaning then.
 */
export type HalfMethod = 'cg' | 'ials++'

/** A half-iteration: λ of row u is lambda · (entries of u + alpha0 · fixed.rows)^nu. */
export interface HalfIteration {
  readonly interactions: Interactions
  readonly fixed: Factors
  readonly solved: Factors
  /** YᵀY of `fixed`. */
  readonly gramian: Float64Array
  readonly regularisation: Regularisation
  readonly cgSteps: number
  /** Default `cg`. */
  readonly method?: HalfMethod
}

/** Linear algebra of the model (design section 6). Implementations agree with `schemas/math` within float32 rounding. */
export interface Solver {
  /** YᵀY in float64. */
  gramian(factors: Factors): Promise<Float64Array>
  /** Brings every row of `solved` in place towards its exact solution given the other side's factors. */
  solveHalf(half: HalfIteration): Promise<void>
  /**
   * One user's vector from a history, exactly (Cholesky). Row j of `vectors` (length values.length × k) is the history
   * item of confidence |values[j]| and preference values[j] > 0.
   */
  foldIn(model: FoldInModel, vectors: Float32Array, values: Float32Array): FoldInResult
  /** The W (columns × k, row-major) that minimises |F W − Y|² + λ |W|², exactly (Cholesky); zeros where no row has the column. */
  solveRidge(problem: RidgeProblem): Promise<Float32Array>
  /** Exact search, the same bits from every solver; fastest over vectors in a workspace with their reach given. */
  readonly scanTopK: ScanTopK
  close(): Promise<void>
}
