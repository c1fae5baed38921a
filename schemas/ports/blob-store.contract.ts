import { describe, expect, it } from 'vitest'
import type { BlobStore } from './blob-store.ts'

export interface BlobStoreSubject {
  readonly blobs: BlobStore
  /** Changes a stored blob behind the store's back. */
  readonly corrupt: (digest: string) => Promise<void>
  /** The same blobs as another instance sees them. */
  readonly reopen: () => Promise<BlobStore>
}

const abc = new TextEncoder().encode('abc')
const digestOfAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

export function blobStoreContract(name: string, open: () => Promise<BlobStoreSubject>): void {
  describe(`BlobStore: ${name}`, () => {
    it('names bytes by their SHA-256 and gives them back', async () => {
      const { blobs, reopen } = await open()
      expect(await blobs.put(abc)).toBe(digestOfAbc)
      expect(await blobs.get(digestOfAbc)).toEqual(abc)
      expect(await (await reopen()).get(digestOfAbc)).toEqual(abc)
    })

    it('takes the same bytes again, at once too, and holds bytes of none and of many', async () => {
      const { blobs } = await open()
      const digests = await Promise.all([blobs.put(abc), blobs.put(abc), blobs.put(abc)])
      expect(digests).toEqual([digestOfAbc, digestOfAbc, digestOfAbc])
      for (const bytes of [new Uint8Array(), new Uint8Array(100_000).fill(7)]) {
        expect(await blobs.get(await blobs.put(bytes))).toEqual(bytes)
      }
    })

    it('answers undefined for what it does not hold, whatever it is called', async () => {
      const { blobs } = await open()
      await blobs.put(abc)
      for (const digest of ['0'.repeat(64), '', '.', '..', `../${digestOfAbc}`]) {
        expect(await blobs.get(digest)).toBeUndefined()
      }
    })

    it('deletes a blob, and is content if there is none', async () => {
      const { blobs } = await open()
      await blobs.put(abc)
      for (const digest of [digestOfAbc, digestOfAbc, '..']) await blobs.delete(digest)
      expect(await blobs.get(digestOfAbc)).toBeUndefined()
    })

    it('throws store-failed for a blob that has changed, until it is put again', async () => {
      const { blobs, corrupt } = await open()
      await blobs.put(abc)
      await corrupt(digestOfAbc)
      await expect(blobs.get(digestOfAbc)).rejects.toMatchObject({ code: 'store-failed' })
      await blobs.put(abc)
      expect(await blobs.get(digestOfAbc)).toEqual(abc)
    })
  })
}
