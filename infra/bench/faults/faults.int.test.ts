import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { hurtEverything } from './faults.ts'

const servers = ['kafka', 'cassandra', 'redis', 'toxiproxy'] as const
const able = (await Promise.all(servers.map(canStart))).every((can) => can)
const scratch = mkdtempSync(join(tmpdir(), 'millrace-faults-'))
let folders = 0

afterAll(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }))

describe.skipIf(!able)('A cluster in which everything goes wrong once', () => {
  it(
    'loses no event and counts none twice, and stops with a reason where it cannot go on',
    { timeout: 1_800_000 },
    async () => {
      const { tolls, stopped, full, balanced, audited } = await hurtEverything(
        { folder: () => join(scratch, String(folders++)), seed: 11, say: (line) => process.stdout.write(`${line}\n`) },
        { times: 1, eventsPerSecond: 200, readsPerSecond: 50, sample: false },
      )
      for (const { name, sent, accepted, counted, lost, double } of tolls) {
        expect({ name, accepted, counted, lost, double }).toEqual({
          name,
          accepted: sent,
          counted: sent,
          lost: 0,
          double: 0,
        })
        expect(sent).toBeGreaterThan(0)
      }
      expect(stopped.filter(({ asExpected }) => !asExpected)).toEqual([])
      const whole = { lost: 0, double: 0, wentOn: true, retriable: true }
      // Undefined where a small disk may not be mounted.
      expect(full ?? whole).toMatchObject(whole)
      expect({ balanced, audited }).toMatchObject({ balanced: true })
    },
  )
})
