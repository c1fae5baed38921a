import * as fc from 'fast-check'
import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { Id, idFault, utf8Length } from './text.ts'

describe('an id', () => {
  it('has as many bytes as its UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text))
      }),
    )
  })

  it('is measured in bytes, not in characters', () => {
    expect(idFault('é'.repeat(128))).toBeUndefined()
    expect(idFault('é'.repeat(129))).toBe('must be at most 256 bytes long')
    expect(idFault('🎬'.repeat(64))).toBeUndefined()
    expect(idFault('🎬'.repeat(65))).toBe('must be at most 256 bytes long')
  })

  it('is neither empty, nor broken, nor with control characters', () => {
    expect(idFault('')).toBe('must not be empty')
    for (const text of ['a\nb', '\u0000', 'x\u007f', '\u0085']) expect(idFault(text)).toContain('control')
    expect(idFault('\ud800')).toBe('must be well-formed Unicode')
    expect(idFault('tt0111161 / Ünïcode:🎬')).toBeUndefined()
  })

  it('is judged by the schema as by the function', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '🎬', '\n', '\ud800'), maxLength: 300 }), (text) => {
        expect(Value.Check(Id, text)).toBe(idFault(text) === undefined)
      }),
    )
  })
})
