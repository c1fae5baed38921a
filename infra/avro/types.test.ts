import avro from 'avsc'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tableSchemas, topicSchemas } from '#schemas/avro/versions.ts'
import { double, text } from '#schemas/ports/codec-events.contract.ts'
import { blankUserHead } from '#schemas/rows/user-rows.ts'
import { avroCodec } from './codec.ts'
import { embeddedIdentity } from './identity.ts'

const codec = avroCodec()

/** avsc's own longs go no further without losing precision. */
const long = fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 2 })

/** avsc as anyone else would use it. */
function standardType(json: unknown): avro.Type {
  return avro.Type.forSchema(JSON.parse(JSON.stringify(json)), { wrapUnions: 'never' })
}

function body(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.subarray(embeddedIdentity.length))
}

describe('Our Avro types', () => {
  it('write what any Avro reader reads, and read what any writer writes', () => {
    const standard = standardType(tableSchemas['user-heads'].at(-1)?.json)
    fc.assert(
      fc.property(long, text, double, (number, word, value) => {
        const entry = { id: word, itemId: word, action: 'view', value, filed: true }
        const times = { occurredAt: number, acceptedAt: number, clock: number, offset: number }
        const head = { ...blankUserHead(), clock: number, sessionId: word, recent: [{ ...entry, ...times }] }
        const bytes = codec.encodeRow('user-heads', head)
        expect(standard.fromBuffer(body(bytes))).toEqual(head)
        expect(standard.toBuffer(head)).toEqual(body(bytes))
      }),
    )
  })

  it('write maps as arrays of key and value', () => {
    const standard = standardType(tableSchemas['item-statistics'].at(-1)?.json)
    const row = { epoch: 1, partition: 0, offset: 5, time: 6, actions: [], users: [] }
    const coViews = new Map([['a', { count: 2, error: 1 }]])
    const bytes = codec.encodeRow('item-statistics', { ...row, coViews })
    const read: unknown = standard.fromBuffer(body(bytes))
    expect(read).toEqual({ ...row, coViews: [{ key: 'a', value: { count: 2, error: 1 } }] })
  })

  it('write vectors as little-endian floats', () => {
    const standard = standardType(topicSchemas['item-vectors'].at(-1)?.json)
    const vector = Float32Array.of(1, -2.5, 0.1)
    const words = { itemId: 'a', modelVersion: 'b', madeFrom: 'fold-in', positions: [] } as const
    const bytes = codec.encodeEvent('item-vectors', { type: 'item-vector', ...words, vector })
    const read: { vector: Buffer } = standard.fromBuffer(body(bytes))
    expect([0, 4, 8].map((place) => read.vector.readFloatLE(place))).toEqual([...vector])
  })
})
