import { expect, it } from 'vitest'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { countedStore } from './counted-store.ts'

it('A counted store counts rows and bytes both ways, and how far each task has come', async () => {
  const { store, traffic } = countedStore(memoryStateStore())
  const key = { table: 'user-heads', key: 'ann', part: 0 } as const
  await store.write([{ ...key, epoch: 1, offset: 4, bytes: Uint8Array.of(1, 2, 3) }])
  await store.read([key, { ...key, key: 'bob' }])
  await store.saveCheckpoint('interactions', { epoch: 1, partition: 2, offset: 5 })
  await store.saveCheckpoint('items', { epoch: 1, partition: 3, offset: 9 })
  expect(traffic.written['user-heads']).toEqual({ rows: 1, bytes: 3, calls: 1 })
  expect(traffic.read['user-heads']).toEqual({ rows: 2, bytes: 3, calls: 1 })
  expect(traffic).toMatchObject({ positions: { interactions: { 2: 5 }, items: { 3: 9 } }, checkpoints: 2 })
})
