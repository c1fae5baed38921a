import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '#schemas/math/random.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { lmdbEventLog } from './event-log.ts'
import { lmdbStateStore } from './state-store.ts'

describe('after kill -9 at any instant', () => {
  let path: string
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'millrace-kill-'))
  })
  afterEach(async () => await rm(path, { recursive: true }))

  it('the log holds every acknowledged record once, at its position', { timeout: 60_000 }, async () => {
    const random = seededRandom(9)
    const acknowledged: string[] = []
    for (let round = 0; round < 2; round++) {
      acknowledged.push(...(await linesUntilKilled('append-until-killed.ts', path, 200 + Math.floor(random() * 2_000))))
      const found = await everyRecord(path)
      const distinct = new Set(found)
      expect(distinct.size).toBe(found.length)
      expect(acknowledged.filter((line) => !distinct.has(line))).toEqual([])
    }
    expect(acknowledged.length).toBeGreaterThan(400)
  })

  it('every row is at or ahead of the checkpoint', { timeout: 60_000 }, async () => {
    const saved = Number((await linesUntilKilled('write-until-killed.ts', path, 300)).at(-1))
    const folder = await openDataFolder({ path, clock: { now: () => 0 } })
    const store = lmdbStateStore({ folder, generation: 'rows' })
    const checkpoint = (await store.checkpoint('fold', 0))?.offset ?? 0
    expect(checkpoint).toBeGreaterThanOrEqual(saved)
    const offsetOf = async (key: string) => {
      const [bytes] = await store.read([{ table: 'user-heads', key, part: 0 }])
      const text = new TextDecoder().decode(bytes)
      const offset = text.slice(0, text.length / 100)
      expect(text).toBe(offset.repeat(100))
      return Number(offset)
    }
    expect(await offsetOf('every time')).toBeGreaterThanOrEqual(checkpoint - 1)
    for (let offset = checkpoint - 20; offset < checkpoint; offset++) {
      expect(await offsetOf(`in turn ${offset % 20}`)).toBeGreaterThanOrEqual(offset)
    }
    await store.close()
    await folder.close()
  })
})

/** What a child said, line by line, before it was killed after about so many lines. */
async function linesUntilKilled(script: string, path: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', script), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  let count = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    count += text.split('\n').length - 1
    if (count > lines) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return said.slice(0, said.lastIndexOf('\n')).split('\n')
}

/** Lines `partition offset key` of all that is on the log; fails if a partition is not in order. */
async function everyRecord(path: string): Promise<string[]> {
  const clock = { now: () => 0 }
  const folder = await openDataFolder({ path, clock })
  const log = lmdbEventLog({ folder, clock })
  const lines: string[] = []
  for (const { epoch, partition, end } of await log.bounds('interactions')) {
    let next = 0
    for await (const batch of log.read('interactions', { epoch, partition, offset: 0 })) {
      for (const { offset, key } of batch) {
        expect(offset).toBe(next++)
        lines.push(`${partition} ${offset} ${key}`)
      }
    }
    expect(next).toBe(end)
  }
  await log.close()
  await folder.close()
  return lines
}
