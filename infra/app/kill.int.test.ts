import { describe, expect, it } from 'vitest'
import { brokenPromises } from './proof/kept-promises.fixture.ts'
import { killRounds } from './proof/kill-rounds.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

describe('Killed at fifty random instants', () => {
  it.each([101, 102])('Millrace counts every acknowledged event once (seed %i)', async (seed) => {
    await using folder = await temporaryFolder()
    const { ledger, misserved, exitCode } = await killRounds({ seed, rounds: 25, dataDir: folder.path })
    expect({ exitCode, misserved }).toEqual({ exitCode: 0, misserved: [] })
    expect(await brokenPromises(folder.path, ledger)).toEqual([])
  })
})
