import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import type { Config } from './config-keys.ts'
import { openEmbedded } from './embedded.ts'
import type { Parts } from './parts.ts'

/** Opens what the configured preset stands on. The drivers of a cluster are loaded where there is one. */
export async function openParts(
  config: Config,
  {
    metrics = noMetrics,
    ...told
  }: {
    readonly name: string
    readonly metrics?: Metrics
    readonly report: (error: unknown, doing: string) => void
  },
): Promise<Parts> {
  if (config.preset !== 'cluster') return openEmbedded(config)
  const { openCluster } = await import('./cluster.ts')
  return openCluster(config, { metrics, ...told })
}
