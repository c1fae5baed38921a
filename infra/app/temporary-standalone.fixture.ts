import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Config } from './config-keys.ts'
import { loadConfig } from './config.ts'
import { startStandalone, type Standalone } from './standalone.ts'

/** Starts real standalones on empty folders; each is closed and its folder removed after the test that asked for it. */
export function temporaryStandalone(): (flags?: Partial<Config>) => Promise<Standalone> {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  return async (flags = {}) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'millrace-standalone-'))
    const standalone = await startStandalone(
      loadConfig({ env: {}, flags: { port: 0, trainCron: '', dataDir, ...flags } }),
    )
    closing.push(async () => {
      await standalone.close()
      await rm(dataDir, { recursive: true })
    })
    return standalone
  }
}
