import { expect, test } from 'vitest'
import { avroCodec } from './codec.ts'
import { blankUserHead } from '#schemas/rows/user-rows.ts'
import { blankItemStatistics } from '#schemas/rows/item-statistics.ts'

test('a first look', () => {
  const codec = avroCodec()
  const head = blankUserHead()
  head.recent.push({
    id: 'ü',
    itemId: 'i',
    action: 'view',
    value: null,
    occurredAt: 17e11,
    acceptedAt: -5,
    clock: 1,
    offset: 0,
    filed: true,
  })
  const back = codec.decodeRow('user-heads', codec.encodeRow('user-heads', head))
  expect(back).toStrictEqual(head)
  const s = blankItemStatistics()
  s.coViews.set('__proto__', { count: 1, error: 0 })
  expect(codec.decodeRow('item-statistics', codec.encodeRow('item-statistics', s))).toStrictEqual(s)
  const v = {
    type: 'item-vector',
    itemId: 'a',
    modelVersion: 'm',
    madeFrom: 'fold-in',
    vector: Float32Array.of(1, 2.5),
    positions: [{ epoch: 1, partition: 2, offset: 3 }],
  } as const
  expect(codec.decodeEvent('item-vectors', codec.encodeEvent('item-vectors', v))).toStrictEqual(v)
  const e = { type: 'erase', id: 'a', userId: 'u', occurredAt: 1, acceptedAt: 2 } as const
  expect(codec.decodeEvent('interactions', codec.encodeEvent('interactions', e))).toStrictEqual(e)
})
