import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoImports } from '#infra/demo/sample.ts'
import { importFiles } from '#producers/import/import-files.ts'
import { parseImportOptions } from '#producers/import/import-options.ts'
import { silentProgress, type ImportProgress } from '#producers/import/import-progress.ts'
import { embeddedTarget } from './embedded-import.ts'
import type { Parts } from './parts.ts'

/** How far the sample has come: it is loaded into an empty folder, and a load that was cut short goes on. */
export async function demoState({ config, log }: Parts): Promise<'absent' | 'begun' | 'loaded' | 'unwanted'> {
  if (existsSync(loadedMark(config.dataDir))) return 'loaded'
  if (existsSync(begunMark(config.dataDir))) return 'begun'
  const bounds = [...(await log.bounds('interactions')), ...(await log.bounds('items'))]
  return bounds.every(({ end }) => end === 0) ? 'absent' : 'unwanted'
}

/** Loads the bundled sample through the checks of the ingest service; returns how many events it accepted. */
export async function loadDemo(parts: Parts, progress: ImportProgress = silentProgress): Promise<number> {
  const { config, settings, clock } = parts
  await writeFile(begunMark(config.dataDir), '')
  let accepted = 0
  for (const { files, options } of demoImports) {
    const plan = parseImportOptions(options, files)
    const target = embeddedTarget(parts)
    const rejectsPath = join(config.dataDir, 'demo.rejects.jsonl')
    const report = await importFiles({ files, plan, target, settings, clock, progress, rejectsPath })
    accepted += report.accepted
  }
  await writeFile(loadedMark(config.dataDir), '')
  return accepted
}

function begunMark(dataDir: string): string {
  return join(dataDir, 'demo-begun')
}

function loadedMark(dataDir: string): string {
  return join(dataDir, 'demo-loaded')
}
