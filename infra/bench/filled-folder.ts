import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { rowsGeneration } from '../app/generation.ts'
import type { BenchData } from './bench-data.ts'
import { importArguments, runMillrace } from './command-line.ts'

/**
 * A data folder in which the data set is imported, folded and trained on. It is made once for these reducers and kept in
 * `shelf`: whoever writes to it takes a copy.
 */
export async function filledFolder(shelf: string, data: BenchData, say: (line: string) => void): Promise<string> {
  const folder = join(shelf, `${data.name}-${rowsGeneration(defaultFoldSettings)}`)
  if (existsSync(join(folder, 'filled'))) return folder
  const making = `${folder}.making`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making, { recursive: true })
  say(`filling ${folder}: importing`)
  for (const one of data.imports) await runMillrace([...importArguments(one), '--data', making])
  say('training')
  await runMillrace(['train', '--data', making, '--json'])
  writeFileSync(join(making, 'filled'), '')
  renameSync(making, folder)
  return folder
}

export function copyFolder(from: string, to: string): string {
  cpSync(from, to, { recursive: true })
  return to
}
