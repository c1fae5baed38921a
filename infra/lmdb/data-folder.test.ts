import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { lmdbStateStore } from './state-store.ts'

describe('a data folder', () => {
  const clock = { now: () => 1_700_000_000_000 }
  let path: string
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'millrace-folder-'))
  })
  afterEach(async () => await rm(path, { recursive: true, force: true }))

  const reopened = async (options: { partitions?: number } = {}) => {
    const folder = await openDataFolder({ path, clock, ...options })
    await folder.close()
    return folder
  }

  it('states its format and what was decided when it was made, and keeps to it', async () => {
    const facts = { format: 1, partitions: 3, epoch: 1, createdAt: 1_700_000_000_000 }
    expect((await reopened({ partitions: 3 })).facts).toEqual(facts)
    expect(JSON.parse(await readFile(join(path, 'format.json'), 'utf8'))).toEqual(facts)
    expect((await reopened()).facts).toEqual(facts)
    await expect(reopened({ partitions: 4 })).rejects.toMatchObject({
      code: 'configuration-invalid',
      facts: { partitions: 3, asked: 4 },
    })
    expect((await reopened({ partitions: 3 })).facts).toEqual(facts)
  })

  it('has 8 partitions unless told otherwise', async () => {
    expect((await reopened()).facts.partitions).toBe(8)
  })

  it.each([
    ['a newer release', '{"format": 2, "shape": "new"}', 2],
    ['a format that never was', '{"format": 0, "partitions": 8, "epoch": 1, "createdAt": 0}', 0],
    ['nobody knows whom', 'nonsense', 'unknown'],
  ])('is refused when written by %s, naming both formats, and left as it was', async (_, text, format) => {
    await writeFile(join(path, 'format.json'), text)
    await expect(reopened()).rejects.toMatchObject({
      code: 'format-unsupported',
      message: expect.stringMatching(new RegExp(`format ${format};.*format 1$`)),
      facts: { format, supported: 1 },
    })
    expect(await readFile(join(path, 'format.json'), 'utf8')).toBe(text)
  })

  it('is refused when it has data but says nothing of its format', async () => {
    await mkdir(join(path, 'log'))
    await expect(reopened()).rejects.toMatchObject({ code: 'format-unsupported', facts: { format: 'unknown' } })
  })

  it('begins a new epoch where the log was taken away from its rows', async () => {
    expect((await reopened()).facts.epoch).toBe(1)
    await mkdir(join(path, 'log'))
    await mkdir(join(path, 'state'))
    expect((await reopened()).facts.epoch).toBe(1)
    await rm(join(path, 'log'), { recursive: true })
    expect((await reopened()).facts.epoch).toBe(2)
  })

  it('names its generations, and drops them', async () => {
    const folder = await openDataFolder({ path, clock })
    expect(folder.statePath('01ARZ')).toBe(join(path, 'state', '01ARZ'))
    expect(() => folder.statePath('../log')).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    expect(await folder.generations()).toEqual([])
    for (const generation of ['b', 'a']) await lmdbStateStore({ folder, generation }).close()
    expect(await folder.generations()).toEqual(['a', 'b'])
    await folder.dropGeneration('a')
    await folder.dropGeneration('unknown')
    expect(await folder.generations()).toEqual(['b'])
    await folder.close()
  })

  it('is refused while its owner lives, naming it, and free once it is closed', async () => {
    const folder = await openDataFolder({ path, clock })
    await expect(reopened()).rejects.toMatchObject({
      code: 'folder-in-use',
      message: expect.stringContaining(`process ${process.pid} since 2023-11-14T22:13:20.000Z`),
      facts: { pid: process.pid, since: '2023-11-14T22:13:20.000Z' },
    })
    await folder.close()
    await reopened()
  })

  it('is taken over from an owner that was killed, and only then', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/own-folder.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await firstLine(child)
    await expect(reopened()).rejects.toMatchObject({ code: 'folder-in-use', facts: { pid: child.pid } })
    child.kill('SIGKILL')
    await once(child, 'exit')
    await reopened()
  })
})

async function firstLine(child: ChildProcess): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data')
}
