import { describe, expect, it } from 'vitest'
import { tableSchemas, topicSchemas } from '#schemas/avro/versions.ts'
import { isMillraceError } from '#schemas/errors.ts'
import type { WriterIdentity } from '#schemas/ports/writer-identity.ts'
import { tableNames } from '#schemas/rows/tables.ts'
import { topicNames } from '#schemas/topics.ts'
import { avroCodec } from './codec.ts'
import { avroType } from './types.ts'

/** Written by the release that knew version 1 only. Never to be made anew. */
const v1 = {
  interaction:
    '4d01000006652d3106616e6e80a0abfef962f4a3abfef9620c726174696e670c66696c6d2d370200000000000012400002020c6465766963650a70686f6e6500020c696d706f72740218',
  erase: '4d01020006652d3106616e6e80a0abfef962f4a3abfef962',
  item: '4d01000006652d310c66696c6d2d3780a0abfef962f4a3abfef962020c696d706f727402180a416c69656e00020c486f72726f720000020879656172020000000000ec9e400002000000000000234002064555520100000204000000000000e03f000000000000f0bf00',
  catalogueRow:
    '4d01020406020a416c69656e00020c486f72726f720000020879656172020000000000ec9e400002000000000000234002064555520100000204000000000000e03f000000000000f0bf00080a020c696d706f72741800',
  adopt: '4d01040006652d3106616e6e80a0abfef962f4a3abfef9620a6775657374010206672d310c66696c6d2d3108766965770002040600',
}

const envelope = { id: 'e-1', userId: 'ann', occurredAt: 1_700_000_000_000, acceptedAt: 1_700_000_000_250 }

const codec = avroCodec()

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function codeOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return isMillraceError(error) ? error.code : error
  }
}

describe('Older versions', () => {
  it('of an interaction read as not attributed and not mended', () => {
    expect(codec.decodeEvent('interactions', fromHex(v1.interaction))).toStrictEqual({
      type: 'interaction',
      ...envelope,
      action: 'rating',
      itemId: 'film-7',
      value: 4.5,
      sessionId: null,
      context: { device: 'phone' },
      attribution: null,
      source: 'import',
      sequence: 12,
      mended: false,
    })
  })

  it('of the other events of its topic read as they were', () => {
    expect(codec.decodeEvent('interactions', fromHex(v1.erase))).toStrictEqual({ type: 'erase', ...envelope })
    expect(codec.decodeEvent('interactions', fromHex(v1.adopt))).toStrictEqual({
      type: 'adopt',
      ...envelope,
      guestId: 'guest',
      basedOn: -1,
      history: [
        { id: 'g-1', itemId: 'film-1', action: 'view', value: null, occurredAt: 1, acceptedAt: 2, guestOffset: 3 },
      ],
    })
  })

  it('are not written any more', () => {
    const event = codec.decodeEvent('interactions', fromHex(v1.interaction))
    const bytes = codec.encodeEvent('interactions', event)
    expect(bytes[1]).toBe(2)
    expect(codec.decodeEvent('interactions', bytes)).toStrictEqual(event)
  })

  it('of an item and its row read as without a name for its vector', () => {
    const item = {
      title: 'Alien',
      description: null,
      categories: ['Horror'],
      tags: [],
      attributes: { year: 1979 },
      price: 9.5,
      currency: 'EUR',
      available: true,
      publishedAt: null,
      imageUrl: null,
      embedding: [0.5, -1],
      embeddingName: null,
    }
    const event = codec.decodeEvent('items', fromHex(v1.item))
    expect(event).toMatchObject({ type: 'upsert', itemId: 'film-7', source: 'import', sequence: 12 })
    expect(event.type === 'upsert' && event.item).toStrictEqual(item)
    expect(codec.encodeEvent('items', event)[1]).toBe(2)
    const row = codec.decodeRow('catalogue', fromHex(v1.catalogueRow))
    expect(row).toMatchObject({ offset: 3, firstSeenAt: 4, imports: [{ source: 'import', sequence: 12 }] })
    expect(row.item).toStrictEqual(item)
  })

  it('are refused when cut short or followed by anything', () => {
    for (const hex of [v1.interaction.slice(0, -2), `${v1.interaction}00`, v1.interaction.slice(0, 4)]) {
      expect(codeOf(() => codec.decodeEvent('interactions', fromHex(hex)))).toBe('record-unreadable')
    }
  })

  it.each([...topicNames.map((name) => topicSchemas[name]), ...tableNames.map((name) => tableSchemas[name])])(
    'all read into the newest (%#)',
    (...versions) => {
      const newest = avroType(versions.at(-1)?.json ?? 'null')
      for (const version of versions) expect(() => newest.createResolver(avroType(version.json))).not.toThrow()
    },
  )
})

describe('The identity of the writer', () => {
  it('is unknown for a version to come, and unreadable where there is none', () => {
    for (const version of [0, 3, 255]) {
      const bytes = fromHex(v1.erase)
      bytes[1] = version
      expect(codeOf(() => codec.decodeEvent('interactions', bytes))).toBe('schema-unknown')
    }
    for (const hex of ['', '4d', `00${v1.erase.slice(2)}`]) {
      expect(codeOf(() => codec.decodeEvent('interactions', fromHex(hex)))).toBe('record-unreadable')
    }
  })

  it('can be another than ours on the log, while rows keep it', () => {
    const registry: WriterIdentity = {
      length: 5,
      write: (topic, version, into) => into.set([0, 0, 0, topic.length, version]),
      read: (_topic, bytes) => bytes[4] ?? 0,
    }
    const confluent = avroCodec({ identity: registry })
    const event = { type: 'erase', ...envelope } as const
    const bytes = confluent.encodeEvent('interactions', event)
    expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 'interactions'.length, 2])
    expect(confluent.decodeEvent('interactions', bytes)).toStrictEqual(event)
    expect(bytes.subarray(5)).toEqual(codec.encodeEvent('interactions', event).subarray(2))
    const row = { epoch: 1, partition: 2, offset: 3, profile: null, updatedAt: 4 }
    expect(confluent.encodeRow('profiles', row)).toEqual(codec.encodeRow('profiles', row))
  })
})
