import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { isFull } from './environment.ts'
import { lmdbEventLog } from './event-log.ts'

describe('a log whose disk is full', () => {
  it('rejects what it cannot keep, keeps what it acknowledged, and goes on when there is room', async () => {
    const path = await mkdtemp(join(tmpdir(), 'millrace-full-'))
    try {
      const child = join(import.meta.dirname, 'fixtures/append-until-full.ts')
      // No file of this process may grow beyond 1,500 blocks of 512 bytes; the write fails instead of the process.
      const limited = 'trap "" XFSZ; ulimit -f 1500; exec "$0" "$@"'
      const { stdout } = await promisify(execFile)('sh', ['-c', limited, process.execPath, child, path])
      const { acknowledged, failures, found }: Record<string, unknown[]> = JSON.parse(stdout)
      expect(failures?.slice(0, 3)).toEqual(['log-full', 'log-full', 'log-full'])
      expect(acknowledged?.length).toBeGreaterThan(5)
      expect(found).toEqual(acknowledged)
      expect(found).toEqual(found?.map((_, i) => i))

      const folder = await openDataFolder({ path, clock: { now: () => 0 } })
      const log = lmdbEventLog({ folder, clock: { now: () => 0 } })
      const [position] = await log.append('models', [{ key: '', value: new Uint8Array(20_000) }])
      expect(position?.offset).toBe(acknowledged?.length)
      await log.close()
      await folder.close()
    } finally {
      await rm(path, { recursive: true })
    }
  })

  it.each([
    [28, 1e9, true],
    [122, 1e9, true],
    [27, 1e9, true],
    [-30_792, 1e9, true],
    [5, 1e9, false],
    [5, 1e6, true],
    [13, 0, false],
  ])('tells from error %i with %i bytes free whether it is full: %s', (code, free, expected) => {
    expect(isFull(Object.assign(new Error('failed'), { code }), free)).toBe(expected)
    expect(isFull('failed', free)).toBe(false)
  })
})
