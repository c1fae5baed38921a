import { expect, it } from 'vitest'
import { brokenPromises } from './proof/kept-promises.fixture.ts'
import { killRounds, smallModels } from './proof/kill-rounds.fixture.ts'
import { runMillrace } from './proof/millrace-process.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

it('Killed at five random instants, Millrace counts every acknowledged event once and trains again at once', async () => {
  await using folder = await temporaryFolder()
  const { ledger, killed, misserved, exitCode } = await killRounds({ seed: 1, rounds: 5, dataDir: folder.path })
  expect(killed).toEqual({ 'ingest and fold': 2, training: 1, publishing: 1, starting: 1 })
  expect(exitCode).toBe(0)
  expect(misserved).toEqual([])
  expect(ledger.events.size).toBeGreaterThan(500)
  expect(ledger.retries).toBeGreaterThan(0)
  expect(await brokenPromises(folder.path, ledger)).toEqual([])
  const invented = { ...ledger, events: new Set(['nobody nothing']) }
  expect(await brokenPromises(folder.path, invented)).toEqual(['lost: nobody nothing'])

  const trained = await runMillrace(['train', '--data', folder.path, '--json'], { env: smallModels })
  expect(JSON.parse(trained.stdout)).toMatchObject({ published: true })
  expect(trained.code).toBe(0)
})
