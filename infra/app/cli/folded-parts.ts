import { isMillraceError } from '#schemas/errors.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import type { Config } from '../config-keys.ts'
import { openParts } from '../open-parts.ts'
import type { Parts } from '../parts.ts'
import { rowsCaughtUp } from '../rows-caught-up.ts'
import { startProcessRole } from '../roles/process.ts'
import { solverOf } from '../solver-of.ts'

/**
 * Lets `use` work on rows into which everything on the log is folded, before and after: a data folder is folded here, on a
 * cluster the processors are waited for.
 */
export async function withFoldedParts<T>(config: Config, use: (parts: Parts) => Promise<T>): Promise<T> {
  const parts = await openParts(config, { name: 'command', report: reportToStderr })
  const folding = config.preset === 'cluster' ? awaited(parts) : await foldedHere(parts)
  try {
    await folding.folded()
    const result = await use(parts)
    await folding.folded()
    return result
  } finally {
    await folding.stop()
    await parts.close()
  }
}

/** Lets `use` work on rows that stand still: those of a data folder, or of a cluster that nobody writes to. */
export async function withStillParts<T>(config: Config, use: (parts: Parts) => Promise<T>): Promise<T> {
  await withFoldedParts(config, async () => undefined)
  const parts = await openParts(config, { name: 'command', report: reportToStderr })
  try {
    return await use(parts)
  } finally {
    await parts.close()
  }
}

interface Folding {
  folded(): Promise<void>
  stop(): Promise<void>
}

async function foldedHere(parts: Parts): Promise<Folding> {
  const solver = solverOf(parts.config)
  const process = await startProcessRole({ parts, metrics: noMetrics, solver, report: reportToStderr })
  return {
    folded: () => process.folded(),
    async stop() {
      await process.stop()
      await solver.close()
    },
  }
}

function awaited(parts: Parts): Folding {
  return { folded: () => rowsCaughtUp(parts), stop: async () => undefined }
}

export function reportToStderr(error: unknown, doing: string): void {
  const code = isMillraceError(error) ? ` [${error.code}]` : ''
  console.error(`millrace: while ${doing}: ${error instanceof Error ? error.message : String(error)}${code}`)
}
