import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
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
  it('is cleared of what a writer that died left half-written, not of what another is writing', async () => {
    const folder = await emptyFolder()
    const first = await folderBlobStore({ folder }).put(Uint8Array.of(1))
    for (const name of ['dead.part', 'alive.part']) await writeFile(join(folder, name), 'half')
    const longAgo = Date.now() / 1000 - 2 * 3_600
    await utimes(join(folder, 'dead.part'), longAgo, longAgo)
    const second = await folderBlobStore({ folder }).put(Uint8Array.of(2))
    expect((await readdir(folder)).toSorted()).toEqual([first, second, 'alive.part'].toSorted())
  })

  it('says so when it cannot be written to', async () => {
    const folder = await emptyFolder()
    await folderBlobStore({ folder }).put(Uint8Array.of(1))
    const inFile = folderBlobStore({ folder: join(folder, (await readdir(folder))[0] ?? '', 'within') })
    await expect(inFile.put(Uint8Array.of(2))).rejects.toMatchObject({ code: 'store-failed' })
  })
})
