import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import type { Config } from '../config-keys.ts'
import { openEmbedded } from '../embedded.ts'
import type { Parts } from '../parts.ts'
import { startProcessRole } from '../roles/process.ts'

/** Opens a data folder, folds what is on its log, and lets `use` work on it; what it appends is folded before the end. */
export async function withFoldedParts<T>(config: Config, use: (parts: Parts) => Promise<T>): Promise<T> {
  const parts = await openEmbedded(config)
  try {
    const solver = typescriptSolver()
    const processing = await startProcessRole({ parts, metrics: noMetrics, solver, report: reportToStderr })
    try {
      await processing.folded()
      const result = await use(parts)
      await processing.folded()
      return result
    } finally {
      await processing.stop()
      await solver.close()
    }
  } finally {
    await parts.close()
  }
}

/** Opens a data folder whose rows stand still while `use` works on it. */
export async function withStillParts<T>(config: Config, use: (parts: Parts) => Promise<T>): Promise<T> {
  await withFoldedParts(config, async () => undefined)
  const parts = await openEmbedded(config)
  try {
    return await use(parts)
  } finally {
    await parts.close()
  }
}

export function reportToStderr(error: unknown, doing: string): void {
  console.error(`millrace: while ${doing}: ${error instanceof Error ? error.message : String(error)}`)
}
