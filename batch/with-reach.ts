import { reachOf } from '#schemas/math/top-k.ts'
import { dot } from '#schemas/math/vector.ts'
import { workspace } from '#schemas/math/workspace.ts'

/** A copy of row-major vectors of k numbers as `scanTopK` is fastest over, for many scans. */
export function withReach(vectors: Float32Array, k: number): { vectors: Float32Array; reach: Float64Array } {
  const own = workspace().floats(vectors.length)
  own.set(vectors)
  const lengths = Float64Array.from({ length: vectors.length / k }, (_, row) =>
    Math.sqrt(dot(own, row * k, own, row * k, k)),
  )
  return { vectors: own, reach: reachOf(lengths) }
}
