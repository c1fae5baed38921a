import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { workspace, workspaceOf } from './workspace.ts'

describe('A workspace', () => {
  test('holds arrays that do not overlap, whatever was released before', () => {
    const steps = fc.array(fc.record({ length: fc.nat(40_000), release: fc.nat(9) }), { maxLength: 40 })
    fc.assert(
      fc.property(steps, (taken) => {
        const space = workspace()
        const held: { readonly array: Float32Array; readonly mark: number }[] = []
        for (const [mark, { length, release }] of taken.entries()) {
          const array = space.floats(length).fill(mark)
          held.push({ array, mark })
          if (release < held.length) for (const { array } of held.splice(release, 1)) space.release(array)
          for (const { array, mark } of held) expect(array.every((value) => value === mark)).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('is found by its arrays, also by those from before it grew', () => {
    const space = workspace()
    const early = space.integers(3)
    const late = space.doubles(100_000)
    expect(early.buffer).not.toBe(late.buffer)
    expect([workspaceOf(early), workspaceOf(late), workspaceOf(new Float32Array(3))]).toEqual([space, space, undefined])
    early[0] = 7
    expect(new Uint32Array(late.buffer, early.byteOffset, 1)[0]).toBe(7)
  })

  test('takes no more memory for what fits in a place released', () => {
    const space = workspace()
    const first = space.floats(50_000)
    const second = space.floats(50_000)
    space.floats(10)
    const bytes = space.memory.buffer.byteLength
    space.release(second)
    space.release(first)
    expect(space.floats(100_000).byteOffset).toBe(first.byteOffset)
    expect(space.memory.buffer.byteLength).toBe(bytes)
  })

  test('says when it is full', () => {
    expect(() => workspace().floats(2 ** 30)).toThrow(expect.objectContaining({ code: 'overloaded' }))
  })
})
