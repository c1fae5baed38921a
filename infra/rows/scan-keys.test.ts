import { expect, it } from 'vitest'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { scanKeys } from './scan-keys.ts'

it.each([1, 2, 3, 100])('Parts of a key come together from pages of %i', async (pageSize) => {
  const store = memoryStateStore()
  const table = 'item-statistics'
  const parts = [0, 1, 2, 3].map((part) => ({ table, part, epoch: 1, offset: 1 }) as const)
  for (const key of ['a', 'b', 'c']) {
    await store.write(parts.map((row) => ({ ...row, key, bytes: new TextEncoder().encode(key + row.part) })))
  }
  const found: string[] = []
  for await (const page of scanKeys(store, table, { pageSize })) {
    for (const { key, parts } of page)
      found.push(`${key}: ${parts.map((bytes) => new TextDecoder().decode(bytes)).join()}`)
  }
  expect(found).toEqual(['a: a0,a1,a2,a3', 'b: b0,b1,b2,b3', 'c: c0,c1,c2,c3'])
})
