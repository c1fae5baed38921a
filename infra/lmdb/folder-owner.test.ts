import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownerPath, takeOwnership } from './folder-owner.ts'

describe('ownership of a folder', () => {
  let path: string
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'millrace-owner-'))
  })
  afterEach(async () => await rm(path, { recursive: true }))

  const inUseByMe = expect.objectContaining({
    code: 'folder-in-use',
    facts: expect.objectContaining({ pid: process.pid }),
  })
  const leaveBehind = async (owner: { pid: number; processStart?: string }) => {
    const records = open<unknown, string>({
      path: ownerPath(path),
      noSubdir: false,
      encoding: 'json',
      overlappingSync: false,
    })
    await records.put('owner', { ...owner, since: 0 })
    await records.close()
  }

  it('passes from a process that is no more', async () => {
    // Beyond the highest pid that Linux gives.
    await leaveBehind({ pid: 4_194_305 })
    const mine = takeOwnership(path, 1)
    expect(() => takeOwnership(path, 2)).toThrow(inUseByMe)
    await mine.release()
  })

  it.skipIf(!existsSync('/proc/self/stat'))(
    'passes from a process whose pid now belongs to another (skipped: the system does not say when processes began)',
    async () => {
      await leaveBehind({ pid: process.pid, processStart: '1' })
      const mine = takeOwnership(path, 1)
      expect(() => takeOwnership(path, 2)).toThrow(inUseByMe)
      await mine.release()
    },
  )

  it('stays with a process that lives, whose number and folder the refusal names', async () => {
    await leaveBehind({ pid: process.pid })
    expect(() => takeOwnership(path, 1)).toThrow(inUseByMe)
    const named = `${path} is in use by process ${process.pid} since 1970-01-01T00:00:00.000Z`
    expect(() => takeOwnership(path, 1)).toThrow(expect.objectContaining({ message: named }))
  })
})
