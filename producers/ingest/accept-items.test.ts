import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { acceptItems } from './accept-items.ts'

it('turns any JSON into an upsert or a rejection, and never throws', () => {
  const near = fc.record(
    {
      id: fc.string(),
      title: fc.oneof(fc.string(), fc.jsonValue()),
      categories: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
      attributes: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double())), fc.jsonValue()),
      price: fc.oneof(fc.double(), fc.jsonValue()),
      publishedAt: fc.oneof(fc.integer(), fc.string()),
      imageUrl: fc.oneof(fc.webUrl(), fc.webPath(), fc.string()),
      embedding: fc.oneof(fc.array(fc.double()), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(near, fc.jsonValue())), (raw) => {
      const { events, rejected } = acceptItems(raw, 1, { newId: () => 'made' })
      expect(events.length + rejected.length).toBe(raw.length)
      for (const event of events) {
        if (event.type === 'delete') throw new Error('an upload deletes nothing')
        const { item } = event
        const numbers = [item.price ?? 0, ...(item.embedding ?? []), ...Object.values(item.attributes)]
        expect(numbers.filter((each) => typeof each === 'number').every(Number.isFinite)).toBe(true)
        expect(item.title).not.toBe('')
      }
    }),
  )
})
