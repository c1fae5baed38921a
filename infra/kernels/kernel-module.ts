import { readFileSync } from 'node:fs'

/** What `kernels.wasm` exports, made from `assembly/`. Places are addresses in the memory of the instance. */
export interface Kernels {
  /** Bytes of scratch memory that `solveRows` needs. */
  solveRowsScratch(k: number): number
  solveRows(
    from: number,
    to: number,
    starts: number,
    indices: number,
    values: number,
    fixed: number,
    solved: number,
    k: number,
    panels: number,
    lambdas: number,
    steps: number,
    scratch: number,
  ): void
  /** Bytes of scratch memory that `sweepRows` needs for rows of at most `longest` entries. */
  sweepRowsScratch(k: number, longest: number): number
  sweepRows(
    from: number,
    to: number,
    starts: number,
    indices: number,
    values: number,
    fixed: number,
    solved: number,
    k: number,
    panels: number,
    lambdas: number,
    longest: number,
    scratch: number,
  ): void
  /** 0 when the matrix is not positive definite. */
  factorCholesky(matrix: number, k: number, panel: number): number
  /** 0 when the matrix is not positive definite. */
  foldIn(
    l: number,
    vectors: number,
    values: number,
    count: number,
    k: number,
    y: number,
    weighted: number,
    x: number,
    panel: number,
  ): number
  squaredLength(l: number, k: number, b: number): number
  contribute(contributions: number, l: number, y: number, values: number, count: number, k: number, b: number): void
  /** Of four queries, to the bits of `squaredLength` and `contribute`. */
  explain(
    l: number,
    bare: number,
    y: number,
    values: number,
    count: number,
    k: number,
    queries: number,
    contributions: number,
    stride: number,
    squares: number,
    room: number,
  ): void
  /** Of matrices in tiles, see assembly/tiles.ts. */
  addNormalEquations(
    tiles: number,
    across: number,
    row: number,
    unknowns: number,
    lambda: number,
    starts: number,
    indices: number,
    values: number,
    rowStarts: number,
    rowIndices: number,
    rowValues: number,
  ): void
  addRightSides(
    tiles: number,
    across: number,
    size: number,
    row: number,
    unknowns: number,
    starts: number,
    indices: number,
    values: number,
    targets: number,
    k: number,
  ): void
  /** 0 when the matrix is not positive definite. */
  factorDiagonal(tiles: number, across: number, row: number): number
  solveTile(tiles: number, across: number, row: number, column: number): void
  substituteTiles(tiles: number, across: number, size: number, column: number, fromGroup: number, toGroup: number): void
  scoreRows(scores: number, vectors: number, rows: number, query: number, k: number): void
  atLeast(target: number, scores: number, rows: number, least: number): number
  longestSquared(vectors: number, rows: number, k: number): number
  quantiseRows(target: number, scales: number, vectors: number, rows: number, k: number, width: number): number
  scoreQuantised(
    scores: number,
    numbers: number,
    scales: number,
    rows: number,
    query: number,
    width: number,
    factor: number,
  ): void
  addOuterProducts(target: number, data: number, rows: number, k: number): void
}

/** The compiled kernels; undefined where this Node.js cannot run them (SIMD with relaxed products, shared memory). */
export function kernelModule(): WebAssembly.Module | undefined {
  const bytes = readFileSync(new URL('./kernels.wasm', import.meta.url))
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined
}

export function kernelsOn(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return exports as unknown as Kernels
}
