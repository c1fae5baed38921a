import { describe, expect, it } from 'vitest'
import { gatheredReads } from './gathered-reads.ts'

function readsOf(given: { readonly most?: number; readonly fails?: (keys: readonly string[]) => boolean } = {}) {
  const requests: (readonly string[])[] = []
  const { most = 2, fails = () => false } = given
  const read = gatheredReads({
    split: (keys) =>
      Array.from({ length: Math.ceil(keys.length / most) }, (_, i) => keys.slice(i * most, (i + 1) * most)),
    async read(keys) {
      requests.push(keys)
      if (fails(keys)) throw new Error(`no ${keys.join()}`)
      return keys.flatMap((key) =>
        key === 'none' ? [] : [0, 1].map((part) => ({ key, part, bytes: new Uint8Array() })),
      )
    },
  })
  const partsOf = async (key: string) => (await read(key)).map((row) => `${row.key}/${row.part}`)
  return { requests, partsOf }
}

describe('Gathered reads', () => {
  it('ask for the keys of one turn together, and for a key once', async () => {
    const { requests, partsOf } = readsOf()
    const found = await Promise.all(['a', 'b', 'a', 'c'].map(partsOf))
    expect(requests).toEqual([['a', 'b'], ['c']])
    expect(found).toEqual([
      ['a/0', 'a/1'],
      ['b/0', 'b/1'],
      ['a/0', 'a/1'],
      ['c/0', 'c/1'],
    ])
  })

  it('ask anew for a key in a later turn', async () => {
    const { requests, partsOf } = readsOf()
    await partsOf('a')
    await partsOf('a')
    expect(requests).toEqual([['a'], ['a']])
  })

  it('find no rows for a key without any', async () => {
    const { partsOf } = readsOf()
    expect(await Promise.all(['none', 'a'].map(partsOf))).toEqual([[], ['a/0', 'a/1']])
  })

  it('fail for the keys of the request that failed, and no others', async () => {
    const { partsOf } = readsOf({ fails: (keys) => keys.includes('b') })
    const settled = await Promise.allSettled(['a', 'b', 'c'].map(partsOf))
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })
})
