import type { Kernels } from './kernel-module.ts'

/** A system in tiles of 64 × 64 (assembly/tiles.ts) and what is to be done with it; addresses but for counts. */
export type RidgeWork = {
  readonly type: 'wasm-ridge'
  readonly tiles: number
  /** Tiles in the first row: `size` of the matrix, the others of right sides. */
  readonly across: number
  readonly size: number
  readonly unknowns: number
  readonly lambda: number
} & RidgeStep

export type RidgeStep =
  /** A part of the system out of sparse rows. */
  | {
      readonly step: 'assemble'
      /** Rows of tiles. */
      readonly from: number
      readonly to: number
      readonly byUnknown: SparseAddresses
      readonly byRow: SparseAddresses
      readonly sides: SparseAddresses
      readonly targets: number
    }
  /** What is right of the diagonal in a row of tiles whose diagonal is factored. */
  | { readonly step: 'factor'; readonly row: number }
  /** The solution out of the factor. */
  | { readonly step: 'substitute' }

interface SparseAddresses {
  readonly starts: number
  readonly indices: number
  readonly values: number
}

/** Groups of four right sides that are solved together, so that a tile is read once for all of them. */
const groupsAtOnce = 4

/** Takes rows of tiles, tiles or right sides until none is left; `k` is the number of right sides. */
export function runRidgeStep(work: RidgeWork & { readonly k: number }, kernels: Kernels, take: () => number): void {
  const { tiles, across, size, unknowns, lambda, k } = work
  switch (work.step) {
    case 'assemble': {
      const { from, to, byUnknown, byRow, sides, targets } = work
      for (let row = from + take(); row < to; row = from + take()) {
        kernels.addNormalEquations(
          tiles,
          across,
          row,
          unknowns,
          lambda,
          byUnknown.starts,
          byUnknown.indices,
          byUnknown.values,
          byRow.starts,
          byRow.indices,
          byRow.values,
        )
        const { starts, indices, values } = sides
        kernels.addRightSides(tiles, across, size, row, unknowns, starts, indices, values, targets, k)
      }
      return
    }
    case 'factor':
      for (let column = work.row + 1 + take(); column < across; column = work.row + 1 + take()) {
        kernels.solveTile(tiles, across, work.row, column)
      }
      return
    case 'substitute': {
      const groups = k / 4
      for (let first = take() * groupsAtOnce; first < groups; first = take() * groupsAtOnce) {
        const group = first % 16
        const column = size + Math.floor(first / 16)
        const end = Math.min(group + groupsAtOnce, group + groups - first)
        kernels.substituteTiles(tiles, across, size, column, group, end)
      }
    }
  }
}
