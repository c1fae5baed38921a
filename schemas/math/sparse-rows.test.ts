import { expect, test } from 'vitest'
import { growingRows } from './sparse-rows.ts'

test('rows are kept as they were when they were added, however many come', () => {
  const growing = growingRows(3_000)
  const row = { indices: new Uint32Array(0), values: new Float32Array(0) }
  growing.add(row)
  const first = growing.rows()
  const long = { indices: Uint32Array.from({ length: 3_000 }, (_, i) => i), values: new Float32Array(3_000).fill(2) }
  for (let n = 0; n < 100; n++) growing.add(long)
  long.values.fill(9)
  growing.add({ indices: Uint32Array.of(7), values: Float32Array.of(0.5) })
  const { rows, columns, starts, indices, values } = growing.rows()
  expect({ rows, columns, count: growing.count }).toEqual({ rows: 102, columns: 3_000, count: 102 })
  expect([starts[0], starts[1], starts[2], starts[101], starts[102]]).toEqual([0, 0, 3_000, 300_000, 300_001])
  expect([indices[299_999], indices[300_000]]).toEqual([2_999, 7])
  expect(values.subarray(0, 300_000).every((value) => value === 2)).toBe(true)
  expect(values[300_000]).toBe(0.5)
  expect(first).toMatchObject({ rows: 1, starts: Uint32Array.of(0, 0) })
})
