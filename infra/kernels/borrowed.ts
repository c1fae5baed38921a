import { workspaceOf, type Workspace } from '#schemas/math/workspace.ts'
import type { Factors } from '#schemas/ports/solver.ts'

/** Addresses, in one workspace, of what a call works on. */
export interface Borrowed {
  readonly memory: WebAssembly.Memory
  /** Where the array is, or where a copy of it now is. */
  floats(array: Float32Array): number
  integers(array: Uint32Array): number
  /** Where rows of `width` numbers, at least k, are: those of the factors, with zeros behind where k is less. */
  rows(factors: Factors, width: number): number
  /** Copies what `rows` placed back into the factors, unless they were where they are. */
  copyRows(at: number, width: number, factors: Factors): void
  /** An array for the time of the call. */
  doubles(length: number): Float64Array
  /** Ends the call: its arrays and copies are released. */
  giveBack(): void
}

export function borrowed(space: Workspace): Borrowed {
  const taken: (Float32Array | Float64Array | Uint32Array)[] = []

  return {
    memory: space.memory,
    floats: (array) => (isHere(array) ? array : copy(space.floats(array.length), array)).byteOffset,
    integers: (array) => (isHere(array) ? array : copy(space.integers(array.length), array)).byteOffset,
    rows({ rows, k, data }, width) {
      if (width === k && isHere(data)) return data.byteOffset
      const wide = keep(space.floats(rows * width))
      if (width > k) wide.fill(0)
      for (let row = 0; row < rows; row++) wide.set(data.subarray(row * k, (row + 1) * k), row * width)
      return wide.byteOffset
    },
    copyRows(at, width, { rows, k, data }) {
      if (at === data.byteOffset && isHere(data)) return
      const wide = new Float32Array(space.memory.buffer, at, rows * width)
      for (let row = 0; row < rows; row++) data.set(wide.subarray(row * width, row * width + k), row * k)
    },
    doubles: (length) => keep(space.doubles(length)),
    giveBack() {
      for (const array of taken) space.release(array)
    },
  }

  function isHere(array: ArrayBufferView): boolean {
    return workspaceOf(array) === space
  }

  function keep<T extends Float32Array | Float64Array | Uint32Array>(array: T): T {
    taken.push(array)
    return array
  }

  function copy<T extends Float32Array | Uint32Array>(target: T, source: T): T {
    target.set(source)
    return keep(target)
  }
}
