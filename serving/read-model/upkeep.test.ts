import { describe, expect, it } from 'vitest'
import { isWorn } from './upkeep.ts'

describe('an index', () => {
  it('is built anew once a tenth of it, and no less than a thousand vectors, lies outside its base', () => {
    expect(isWorn({ base: 50, overlay: 900, masked: 100 })).toBe(false)
    expect(isWorn({ base: 50, overlay: 901, masked: 100 })).toBe(true)
    expect(isWorn({ base: 20_000, overlay: 2_000, masked: 0 })).toBe(false)
    expect(isWorn({ base: 20_000, overlay: 1_000, masked: 1_001 })).toBe(true)
  })
})
