import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { blobStoreContract } from '#schemas/ports/blob-store.contract.ts'
import { folderBlobStore } from './blob-store.ts'

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-blobs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'blobs')
}

blobStoreContract('folder', async () => {
  const folder = await emptyFolder()
  return {
    blobs: folderBlobStore({ folder }),
    corrupt: (digest) => truncate(join(folder, digest), 2),
    reopen: async () => folderBlobStore({ folder }),
  }
})

describe('The folder of blobs', () => {
  it('is cleared of what a writer that died left half-written', async () => {
    const folder = await emptyFolder()
    await folderBlobStore({ folder }).put(Uint8Array.of(1))
    await writeFile(join(folder, 'abc.part'), 'half')
    const digest = await folderBlobStore({ folder }).put(Uint8Array.of(2))
    expect(await readdir(folder)).toHaveLength(2)
    expect(await readdir(folder)).toContain(digest)
  })

  it('says so when it cannot be written to', async () => {
    const folder = await emptyFolder()
    await folderBlobStore({ folder }).put(Uint8Array.of(1))
    const inFile = folderBlobStore({ folder: join(folder, (await readdir(folder))[0] ?? '', 'within') })
    await expect(inFile.put(Uint8Array.of(2))).rejects.toMatchObject({ code: 'store-failed' })
  })
})
