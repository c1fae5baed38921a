import { MillraceError } from '../errors.ts'

/**
 * Arrays in one memory that threads share and that WebAssembly can address: a solver works on what lies in one workspace
 * where it is. The memory grows as it is used, up to 4 GiB, and is freed when nothing refers to it or its arrays.
 */
export interface Workspace {
  readonly memory: WebAssembly.Memory
  /** Numbers of any value. Throws `overloaded` when the memory is full. */
  floats(length: number): Float32Array
  doubles(length: number): Float64Array
  integers(length: number): Uint32Array
  /** Gives an array's place to later ones; it must not be used again. */
  release(array: Float32Array | Float64Array | Uint32Array): void
}

/** An empty workspace. */
export function workspace(): Workspace {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true })
  /** Free places below `top`, ascending, no two of them adjacent. */
  let free: Place[] = []
  let top = firstAddress

  const made: Workspace = {
    memory,
    floats: (length) => new Float32Array(...place(4 * length), length),
    doubles: (length) => new Float64Array(...place(8 * length), length),
    integers: (length) => new Uint32Array(...place(4 * length), length),
    release({ byteOffset, byteLength }) {
      const all = [...free, { at: byteOffset, bytes: rounded(byteLength) }].sort((a, b) => a.at - b.at)
      free = all.reduce<Place[]>(joined, [])
    },
  }
  return made

  /** Growing a shared memory makes a new buffer of the same bytes; arrays on the old one stay valid. */
  function place(length: number): [buffer: ArrayBufferLike, at: number] {
    const at = found(rounded(length))
    owners.set(memory.buffer, made)
    return [memory.buffer, at]
  }

  function found(bytes: number): number {
    const fit = free.findIndex((gap) => gap.bytes >= bytes)
    if (fit === -1) return added(bytes)
    const gap = free[fit]!
    free.splice(fit, 1, ...(gap.bytes > bytes ? [{ at: gap.at + bytes, bytes: gap.bytes - bytes }] : []))
    return gap.at
  }

  function added(bytes: number): number {
    const missing = Math.ceil((top + bytes - memory.buffer.byteLength) / pageBytes)
    try {
      if (missing > 0) memory.grow(missing)
    } catch (cause) {
      throw new MillraceError('overloaded', 'A workspace is full', { cause, facts: { held: top, wanted: bytes } })
    }
    top += bytes
    return top - bytes
  }
}

/** The workspace in which an array lies. */
export function workspaceOf(array: ArrayBufferView): Workspace | undefined {
  return owners.get(array.buffer)
}

interface Place {
  readonly at: number
  readonly bytes: number
}

const owners = new WeakMap<ArrayBufferLike, Workspace>()
const pageBytes = 65_536
const mostPages = 65_536

/** Nothing lies at address 0. */
const firstAddress = 64

/** Every array begins at a cache line. */
function rounded(bytes: number): number {
  return Math.max(64, Math.ceil(bytes / 64) * 64)
}

function joined(places: Place[], next: Place): Place[] {
  const last = places.at(-1)
  if (last === undefined || last.at + last.bytes !== next.at) return [...places, next]
  return [...places.slice(0, -1), { at: last.at, bytes: last.bytes + next.bytes }]
}
