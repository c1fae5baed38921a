import type { SparseRows } from '../ports/solver.ts'
import { workspace, workspaceOf } from './workspace.ts'

/** The same entries by column, in the workspace of the rows: a counting sort, so rows stay ascending within a column. */
export function transposed({ rows, columns, starts, indices, values }: SparseRows): SparseRows {
  const entries = indices.length
  const space = workspaceOf(indices) ?? workspace()
  const flippedStarts = space.integers(columns + 1).fill(0)
  const flippedIndices = space.integers(entries)
  const flippedValues = space.floats(entries)
  for (const column of indices) flippedStarts[column + 1]!++
  for (let column = 0; column < columns; column++) flippedStarts[column + 1]! += flippedStarts[column]!
  const next = flippedStarts.slice()
  for (let row = 0; row < rows; row++) {
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const at = next[indices[entry]!]!++
      flippedIndices[at] = row
      flippedValues[at] = values[entry]!
    }
  }
  return { rows: columns, columns: rows, starts: flippedStarts, indices: flippedIndices, values: flippedValues }
}
