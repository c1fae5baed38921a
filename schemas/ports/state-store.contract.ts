import type { TableName } from '../rows/tables.ts'
import type { RowWrite, StateStore, StoredRow } from './state-store.ts'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

export interface StateStoreUnderTest {
  readonly store: StateStore
  /** Order of the keys in a scan: of their UTF-8 bytes, or one of the store's own. */
  readonly scanOrder: 'keys' | 'any'
  /** Closes the store and opens what is left of it. Only what is durable has it. */
  readonly reopen?: () => Promise<StateStore>
  dispose(): Promise<void>
}

const text = new TextDecoder()

/** What every state store does. `open` makes an empty one. */
export function stateStoreContract(name: string, open: () => Promise<StateStoreUnderTest>): void {
  describe(`${name} as a state store`, () => {
    let under: StateStoreUnderTest
    let store: StateStore
    beforeEach(async () => {
      under = await open()
      store = under.store
    })
    afterEach(async () => await under.dispose())

    const value = async (key: string, part = 0, table: TableName = 'user-heads') => {
      const [bytes] = await store.read([{ table, key, part }])
      return bytes === undefined ? undefined : text.decode(bytes)
    }

    it('reads rows in the order of the keys, undefined where there is none', async () => {
      await store.write([row('a', 1, 'A'), row('b', 2, ''), row('é', 3, 'E')])
      const found = await store.read(
        ['é', 'unknown', 'b', 'a', 'a'].map((key) => ({ table: 'user-heads', key, part: 0 })),
      )
      expect(found.map((bytes) => bytes && text.decode(bytes))).toEqual(['E', undefined, '', 'A', 'A'])
    })

    it('tells tables, keys and parts apart', async () => {
      await store.write([
        row('a', 1, 'head'),
        { ...row('a', 1, 'chunk 0'), table: 'user-chunks' },
        { ...row('a', 1, 'chunk 12'), table: 'user-chunks', part: 12 },
        { ...row('a1', 1, 'other'), table: 'user-chunks', part: 2 },
      ])
      expect(await value('a')).toBe('head')
      expect(await value('a', 0, 'user-chunks')).toBe('chunk 0')
      expect(await value('a', 12, 'user-chunks')).toBe('chunk 12')
      expect(await value('a', 2, 'user-chunks')).toBeUndefined()
    })

    it('keeps its own copy of what is written', async () => {
      const write = row('a', 1, 'before')
      const written = store.write([write])
      write.bytes.fill(33)
      await written
      expect(await value('a')).toBe('before')
    })

    it('lets a write with a lower guard lose, whenever it comes', async () => {
      await store.write([row('a', 7, 'seven')])
      await store.write([row('a', 6, 'six')])
      expect(await value('a')).toBe('seven')
      await store.write([{ ...row('a', 0, 'next epoch'), epoch: 2 }])
      await store.write([row('a', 9_000, 'late, of the epoch before')])
      expect(await value('a')).toBe('next epoch')
    })

    it('lets the highest guard win among writes under way together', async () => {
      const offsets = [3, 9, 1, 8, 2, 9, 5]
      await Promise.all(offsets.map(async (offset) => await store.write([row('a', offset, `${offset}`)])))
      expect(await value('a')).toBe('9')
      await store.write([row('a', 8, 'eight')])
      expect(await value('a')).toBe('9')
    })

    it('takes the same row twice', async () => {
      await store.write([row('a', 4, 'same')])
      await store.write([row('a', 4, 'same')])
      expect(await value('a')).toBe('same')
    })

    it('reads what was written as soon as the write has resolved', async () => {
      for (let i = 0; i < 20; i++) {
        await store.write([row('a', i, `${i}`), row(`b${i}`, i, `${i}`)])
        expect([await value('a'), await value(`b${i}`)]).toEqual([`${i}`, `${i}`])
      }
    })

    it('never shows less than it has shown, nor half a row', async () => {
      const writing = Promise.all(
        Array.from({ length: 40 }, async (_, i) => await store.write([row('a', i, `${i}`.repeat(200))])),
      )
      const seen: number[] = []
      for (let reads = 0; reads < 40; reads++) {
        const found = (await value('a')) ?? ''
        const offset = found === '' ? -1 : Number(found.slice(0, found.length / 200))
        expect(found).toBe(offset === -1 ? '' : `${offset}`.repeat(200))
        seen.push(offset)
      }
      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
      await writing
      expect(await value('a')).toBe('39'.repeat(200))
    })

    it('holds for each row the bytes of its highest guard, whatever is written', async () => {
      const write = fc.record({ key: fc.constantFrom('a', 'b', 'aa'), part: fc.nat(2), offset: fc.nat(30) })
      let epoch = 0
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 12 }), async (batches) => {
          epoch += 1
          const highest = new Map<string, number>()
          await Promise.all(
            batches.map(async (batch) => {
              for (const { key, part, offset } of batch) {
                highest.set(`${key}/${part}`, Math.max(offset, highest.get(`${key}/${part}`) ?? -1))
              }
              await store.write(
                batch.map(({ key, part, offset }) => ({ ...row(key, offset, `${epoch}.${offset}`), part, epoch })),
              )
            }),
          )
          for (const [name, offset] of highest) {
            const [key, part] = name.split('/')
            expect(await value(key!, Number(part))).toBe(`${epoch}.${offset}`)
          }
        }),
        { numRuns: 25 },
      )
    })

    it('reads all parts of one key, ascending, and of no other', async () => {
      const parts = [300, 0, 2, 20_000, 10]
      await store.write(parts.map((part) => ({ ...row('ab', part, `${part}`), table: 'item-statistics', part })))
      await store.write(
        ['a', 'abc', 'aa'].map((key) => ({ ...row(key, 1, 'other'), table: 'item-statistics', part: 1 })),
      )
      expect((await store.readParts('item-statistics', 'ab')).map(shown)).toEqual([
        'ab 0 0',
        'ab 2 2',
        'ab 10 10',
        'ab 300 300',
        'ab 20000 20000',
      ])
      expect(await store.readParts('item-statistics', 'b')).toEqual([])
      expect(await store.readParts('catalogue', 'ab')).toEqual([])
    })

    it('scans every row of one table once, the parts of a key together and ascending, in pages', async () => {
      const keys = ['b', 'a', 'aa', 'é', 'z', '𝄞', '\uFFFD', 'a b']
      await store.write(keys.flatMap((key) => [1, 0].map((part) => ({ ...row(key, 1, key), part }))))
      await store.write([{ ...row('elsewhere', 1, 'x'), table: 'profiles' }])
      const pages: StoredRow[][] = []
      for await (const page of store.scan('user-heads', { pageSize: 3 })) pages.push([...page])
      expect(pages.filter(({ length }) => length === 0 || length > 3)).toEqual([])
      const sorted = ['a', 'a b', 'aa', 'b', 'z', 'é', '\uFFFD', '𝄞']
      const met = [...new Set(pages.flat().map(({ key }) => key))]
      expect(under.scanOrder === 'keys' ? met : met.toSorted(byUtf8)).toEqual(sorted)
      expect(pages.flat().map(shown)).toEqual(met.flatMap((key) => [`${key} 0 ${key}`, `${key} 1 ${key}`]))
      for await (const page of store.scan('catalogue')) expect(page).toBeUndefined()
    })

    it('scans on while rows are written, and sees each row that was there once', async () => {
      await store.write(Array.from({ length: 20 }, (_, i) => row(`k${i + 10}`, 1, 'there')))
      const seen: string[] = []
      for await (const page of store.scan('user-heads', { pageSize: 4 })) {
        seen.push(...page.map(({ key }) => key))
        await store.write([row(`k${seen.length}0`, 2, 'new'), row('k15', seen.length + 2, 'changed')])
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toEqual(expect.arrayContaining(Array.from({ length: 20 }, (_, i) => `k${i + 10}`)))
    })

    it('keeps a checkpoint for each task and partition', async () => {
      expect(await store.checkpoint('fold', 3)).toBeUndefined()
      await store.saveCheckpoint('fold', { epoch: 1, partition: 3, offset: 10 })
      await store.saveCheckpoint('fold', { epoch: 1, partition: 4, offset: 2 })
      await store.saveCheckpoint('sink', { epoch: 1, partition: 3, offset: 5 })
      await store.saveCheckpoint('fold', { epoch: 1, partition: 3, offset: 11 })
      expect(await store.checkpoint('fold', 3)).toEqual({ epoch: 1, partition: 3, offset: 11 })
      expect(await store.checkpoint('fold', 4)).toEqual({ epoch: 1, partition: 4, offset: 2 })
      expect(await store.checkpoint('sink', 3)).toEqual({ epoch: 1, partition: 3, offset: 5 })
    })

    it('has after reopening every row at or ahead of the checkpoint', async () => {
      if (under.reopen === undefined) return
      for (let i = 0; i < 10; i++) {
        await store.write([row('a', i, `${i}`), { ...row('c', i, `${i}`), table: 'catalogue', part: 2 }])
        await store.saveCheckpoint('fold', { epoch: 1, partition: 0, offset: i + 1 })
      }
      await store.write([row('a', 10, '10')])
      store = await under.reopen()
      expect(await store.checkpoint('fold', 0)).toEqual({ epoch: 1, partition: 0, offset: 10 })
      expect(await value('a')).toBe('10')
      expect(await value('c', 2, 'catalogue')).toBe('9')
      await store.write([row('a', 9, 'late'), { ...row('c', 10, 'on'), table: 'catalogue', part: 2 }])
      expect([await value('a'), await value('c', 2, 'catalogue')]).toEqual(['10', 'on'])
    })

    it('takes an empty write and an empty read', async () => {
      await store.write([])
      expect(await store.read([])).toEqual([])
    })

    it('refuses everything once closed', async () => {
      await store.close()
      await expect(store.read([])).rejects.toMatchObject({ code: 'stopped' })
      await expect(store.readParts('catalogue', 'a')).rejects.toMatchObject({ code: 'stopped' })
      await expect(store.write([row('a', 1, 'x')])).rejects.toMatchObject({ code: 'stopped' })
      await expect(store.checkpoint('fold', 0)).rejects.toMatchObject({ code: 'stopped' })
      const saving = store.saveCheckpoint('fold', { epoch: 1, partition: 0, offset: 0 })
      await expect(saving).rejects.toMatchObject({ code: 'stopped' })
    })
  })
}

function row(key: string, offset: number, bytes: string): RowWrite {
  return { table: 'user-heads', key, part: 0, epoch: 1, offset, bytes: new TextEncoder().encode(bytes) }
}

function shown({ key, part, bytes }: StoredRow): string {
  return `${key} ${part} ${text.decode(bytes)}`
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
