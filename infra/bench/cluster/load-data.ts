import { importFiles } from '#producers/import/import-files.ts'
import { parseImportOptions } from '#producers/import/import-options.ts'
import { embeddedTarget } from '../../app/embedded-import.ts'
import { rowsCaughtUp } from '../../app/rows-caught-up.ts'
import type { BenchData } from '../bench-data.ts'
import type { World } from './world.ts'
import { startProcessor } from './processor.ts'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Loaded {
  readonly events: number
  readonly foldSeconds: number
  readonly trainSeconds: number
}

/** Puts the data set on the log, folds it and trains a first model. */
export async function loadData(world: World, data: BenchData, rejects: string): Promise<Loaded> {
  const { parts, config } = world
  let events = 0
  for (const { files, options } of data.imports) {
    const plan = parseImportOptions(options, files)
    const target = embeddedTarget(parts)
    const { accepted } = await importFiles({ ...parts, files, plan, target, rejectsPath: rejects })
    if (options.as === 'interactions') events = accepted
  }
  const began = performance.now()
  const processor = await startProcessor(config)
  try {
    await rowsCaughtUp(parts)
  } finally {
    await processor.stop()
  }
  const folded = performance.now()
  const trainer = await world.role('train', { threads: 2 })
  await train(trainer.url)
  await trainer.stop()
  return { events, foldSeconds: (folded - began) / 1000, trainSeconds: (performance.now() - folded) / 1000 }
}

async function train(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const started = await fetch(`${url}/v1/training`, { method: 'POST', headers, body: '{}' })
  let { state, reason }: Status = await started.json()
  while (state === 'running') {
    await sleep(100)
    const answer = await fetch(`${url}/v1/training`)
    ;({ state, reason } = await answer.json())
  }
  if (state !== 'published') throw new Error(`the training ended ${state}: ${reason}`)
}

interface Status {
  readonly state: string
  readonly reason?: string
}
