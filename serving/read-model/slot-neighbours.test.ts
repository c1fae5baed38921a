import { expect, it } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import { slotNeighbours } from './slot-neighbours.ts'

const rows = 12
const random = seededRandom(4)
const dense = Array.from({ length: rows }, (_, i) =>
  Float32Array.from({ length: rows }, (_, j) => (i === j || random() < 0.6 ? 0 : random() - 0.3)),
)
const entries = dense.map((row) =>
  Array.from(row, (value, item) => ({ item, value })).filter(({ value }) => value !== 0),
)
const starts = new Uint32Array(rows + 1)
for (const [i, row] of entries.entries()) starts[i + 1] = starts[i]! + row.length
const weights = {
  rows,
  columns: rows,
  starts,
  indices: Uint32Array.from(entries.flat(), ({ item }) => item),
  values: Float32Array.from(entries.flat(), ({ value }) => value),
}
/** Rows in other places than their slots, with gaps. */
const slotOfRow = Uint32Array.from({ length: rows }, (_, row) => 3 * ((row * 5) % rows) + 2)

it('What neighbours say adds up over what was liked, and falls apart into it again', () => {
  const neighbours = slotNeighbours(weights, slotOfRow)
  for (const liked of [[0, 3, 7], [5], [], [1, 2, 11]]) {
    const unknown = 1_000
    const slots = Uint32Array.from([...liked.map((row) => slotOfRow[row]!), unknown])
    const confidences = Float32Array.from([...liked.map((row) => (row === 3 ? -2 : 1 + row)), 1])
    const expected = (row: number) =>
      liked.reduce((sum, from, i) => sum + Math.max(0, confidences[i]!) * dense[from]![row]!, 0)
    neighbours.sum({ slots, likes: confidences })
    const targets = Array.from(slotOfRow.toReversed())
    const parts = neighbours.contributions({ slots, likes: confidences }, targets)
    for (let row = 0; row < rows; row++) {
      const slot = slotOfRow[row]!
      expect(neighbours.of(slot)).toBeCloseTo(expected(row), 5)
      const from = targets.indexOf(slot) * slots.length
      const added = parts.subarray(from, from + slots.length)
      expect(added.reduce((sum, part) => sum + part, 0)).toBeCloseTo(expected(row), 5)
      expect(added.at(-1)).toBe(0)
    }
    const said = Array.from(slotOfRow).filter((_, row) => expected(row) !== 0)
    expect([...neighbours.met()]).toEqual(expect.arrayContaining(said))
    expect(new Set(neighbours.met()).size).toBe(neighbours.met().length)
    expect([neighbours.of(0), neighbours.of(unknown)]).toEqual([0, 0])
  }
})
