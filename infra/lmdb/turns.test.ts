import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { lmdbEventLog } from './event-log.ts'
import { lmdbStateStore } from './state-store.ts'

it('reading everything lets others have their turn', async () => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-turns-'))
  const folder = await openDataFolder({ path, clock: { now: () => 0 }, partitions: 1 })
  const store = lmdbStateStore({ folder, generation: 'one' })
  const log = lmdbEventLog({ folder, clock: { now: () => 0 } })
  const bytes = new Uint8Array(1)
  const numbers = Array.from({ length: 30 }, (_, i) => i)
  await store.write(
    numbers.map((n) => ({ table: 'user-heads' as const, key: `u${n}`, part: 0, epoch: 1, offset: n, bytes })),
  )
  await log.append(
    'models',
    numbers.map(() => ({ key: '', value: bytes })),
  )
  const { epoch } = folder.facts
  const from = { epoch, partition: 0, offset: 0 }
  expect(await turnsWhile(store.scan('user-heads', { pageSize: 10 }))).toBeGreaterThanOrEqual(2)
  expect(await turnsWhile(log.read('models', from, { maxRecords: 10 }))).toBeGreaterThanOrEqual(2)
  await store.close()
  await log.close()
  await folder.close()
  await rm(path, { recursive: true })
})

/** Turns of the event loop that others had before the pages were read. */
async function turnsWhile(pages: AsyncIterable<unknown>): Promise<number> {
  let turns = 0
  let isReading = true
  const count = () => {
    turns++
    if (isReading) setImmediate(count)
  }
  setImmediate(count)
  let read = 0
  for await (const _ of pages) read++
  expect(read).toBe(3)
  isReading = false
  return turns
}
