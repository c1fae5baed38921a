import { topK } from '#schemas/math/top-k.ts'
import type { InPieces } from '#schemas/in-pieces.ts'
import type { SparseRows } from '#schemas/ports/solver.ts'

/** Added to the denominator of a likeness: what few users have in common counts for less. */
const shrink = 10

const itemsOfPiece = 64

/**
 * The items most liked together with each, by xᵢᵀxⱼ / (|xᵢ||xⱼ| + 10) with xᵢ the likes of item i by user: at most `kept`,
 * the nearest first; equal ones in the order in which the users of the item met them.
 */
export function* nearestItems(byUser: SparseRows, byItem: SparseRows, kept: number): InPieces<Uint32Array[]> {
  const lengths = lengthsOf(byItem)
  const products = new Float64Array(byItem.rows)
  const likeness = new Float32Array(byItem.rows)
  const met = new Uint32Array(byItem.rows)
  const nearest: Uint32Array[] = []
  for (let item = 0; item < byItem.rows; item++) {
    const count = addProducts(item)
    for (let n = 0; n < count; n++) {
      const other = met[n]!
      likeness[n] = other === item ? NaN : products[other]! / (lengths[item]! * lengths[other]! + shrink)
    }
    nearest.push(topK(likeness, count, kept).map((n) => met[n]!))
    for (let n = 0; n < count; n++) products[met[n]!] = 0
    if (item % itemsOfPiece === itemsOfPiece - 1) yield
  }
  return nearest

  /** Sums over the users of the item; says how many items they have met. */
  function addProducts(item: number): number {
    let count = 0
    for (let at = byItem.starts[item]!; at < byItem.starts[item + 1]!; at++) {
      const user = byItem.indices[at]!
      const liking = byItem.values[at]!
      for (let entry = byUser.starts[user]!; entry < byUser.starts[user + 1]!; entry++) {
        const other = byUser.indices[entry]!
        if (products[other] === 0) met[count++] = other
        products[other]! += liking * byUser.values[entry]!
      }
    }
    return count
  }
}

function lengthsOf({ rows, starts, values }: SparseRows): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[at]! ** 2
    return Math.sqrt(sum)
  })
}
