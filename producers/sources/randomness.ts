export type Random = () => number

/** An integer from `low` to `high`, both inclusive. */
export function drawFrom(low: number, high: number, random: Random): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** Nearly normal with mean 0 and variance 1 (Irwin and Hall: twelve uniforms), by additions only. */
export function nearlyNormal(random: Random): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}

/** Makes the draw of an index by weights from a number in [0, 1), by binary search. */
export function weightedDraw(weights: readonly number[]): (u: number) => number {
  const upTo = new Float64Array(weights.length)
  let total = 0
  for (const [index, weight] of weights.entries()) {
    total += weight
    upTo[index] = total
  }
  return (u) => {
    const target = u * total
    let low = 0
    let high = weights.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle]! > target) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** A direction of length 1 near a sum of others. */
export function directionNear(parts: readonly Float64Array[], noise: number, random: Random): Float64Array {
  const direction = new Float64Array(tasteDimensions).map(() => noise * nearlyNormal(random))
  for (const part of parts) for (let d = 0; d < direction.length; d++) direction[d]! += part[d]!
  const length = Math.sqrt(affinity(direction, direction))
  return direction.map((value) => value / length)
}

export const tasteDimensions = 12

/** Inner product: the cosine of two directions. */
export function affinity(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!
  return sum
}
