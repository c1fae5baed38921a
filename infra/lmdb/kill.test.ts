import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '#schemas/math/random.ts'
import { expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { lmdbEventLog } from './event-log.ts'

it(
  'holds every acknowledged record once, at its position, after kill -9 at any instant',
  { timeout: 60_000 },
  async () => {
    const path = await mkdtemp(join(tmpdir(), 'millrace-kill-'))
    const random = seededRandom(9)
    const acknowledged: string[] = []
    try {
      for (let round = 0; round < 2; round++) {
        acknowledged.push(...(await appendUntilKilled(path, 200 + Math.floor(random() * 2_000))))
        const found = await everyRecord(path)
        const distinct = new Set(found)
        expect(distinct.size).toBe(found.length)
        expect(acknowledged.filter((line) => !distinct.has(line))).toEqual([])
      }
      expect(acknowledged.length).toBeGreaterThan(400)
    } finally {
      await rm(path, { recursive: true })
    }
  },
)

/** Lines `partition offset key` of what the child said was on the log before it was killed. */
async function appendUntilKilled(path: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/append-until-killed.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.length > lines * 12) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return said.slice(0, said.lastIndexOf('\n')).split('\n')
}

/** The same lines of all that is on the log; throws if a partition is not in order. */
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
