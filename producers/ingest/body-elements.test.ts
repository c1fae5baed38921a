import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isMillraceError } from '#schemas/errors.ts'
import { bodyElements } from './body-elements.ts'

it('reads the same elements from an array and from lines', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (elements) => {
      const written = elements.map((element) => JSON.stringify(element))
      const expected = written.map((text) => JSON.parse(text))
      expect(bodyElements(Buffer.from(`[${written.join(',')}]`), 'application/json', 1_000)).toEqual(expected)
      expect(bodyElements(Buffer.from(written.join('\n')), 'application/x-ndjson', 1_000)).toEqual(expected)
    }),
  )
})

it('gives elements or throws an error of ours for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom('application/json', 'application/x-ndjson'), (bytes, type) => {
      expect(outcomeOf(bytes, type)).toBe(true)
    }),
  )
})

it('survives any depth', () => {
  const deep = Buffer.from('['.repeat(1_000_000))
  expect(() => bodyElements(deep, 'application/json', 10)).toThrow('body: is not JSON')
})

function outcomeOf(bytes: Uint8Array, type: string): boolean {
  try {
    return bodyElements(Buffer.from(bytes), type, 10).length > 0
  } catch (error) {
    return isMillraceError(error)
  }
}
