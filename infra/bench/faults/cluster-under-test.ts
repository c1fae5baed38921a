import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { silentProgress } from '#producers/import/import-progress.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { openCluster } from '../../app/cluster.ts'
import { loadConfig } from '../../app/config.ts'
import type { Config } from '../../app/config-keys.ts'
import { devClusterStatus, startDevCluster, stopDevCluster } from '../../app/dev-cluster/dev-cluster.ts'
import type { Parts } from '../../app/parts.ts'

/** A cluster of this machine, whose parts may be hurt. */
export interface ClusterUnderTest {
  readonly gateway: string
  readonly config: Config
  readonly configFile: string
  /** The same servers, for looking at rows and log. */
  readonly parts: Parts
  /** Of roles and servers, as `status` names them. */
  pidOf(name: string): Promise<number>
  urlOf(name: string): Promise<string>
  /** Resolves once the member is ready again under another pid. */
  isBack(name: string, before: number): Promise<void>
  /** Stops everything. */
  stop(): Promise<void>
}

const pollMs = 100

export async function clusterUnderTest(
  dir: string,
  {
    instances,
    sample,
    say,
  }: { readonly instances: string; readonly sample: boolean; readonly say: (line: string) => void },
): Promise<ClusterUnderTest> {
  // The tables for people hold copies, and would only compete for the two cores.
  const configFile = join(dir, 'config.json')
  mkdirSync(dir, { recursive: true })
  writeFileSync(configFile, JSON.stringify({ readableTables: false, shutdownMs: 10_000, threads: 1 }))
  const { gateway } = await startDevCluster({
    dir,
    instances,
    partitions: 4,
    demo: sample,
    servers: 'local',
    patienceMs: 300_000,
    progress: silentProgress,
    say,
  })
  const config = loadConfig({ file: configFile, env: {} })
  const parts = await openCluster(config, { name: 'bench', metrics: noMetrics, report: () => {} })

  async function memberOf(name: string) {
    const { roles, servers } = (await devClusterStatus(dir)).status
    const member = roles[name] ?? servers[name]
    if (member === undefined) throw new Error(`the cluster has no ${name}`)
    return member
  }

  async function pidOf(name: string): Promise<number> {
    const { pid } = await memberOf(name)
    if (pid === null) throw new Error(`${name} does not run`)
    return pid
  }

  return {
    gateway,
    config,
    configFile,
    parts,
    pidOf,
    async urlOf(name) {
      const member = await memberOf(name)
      return 'url' in member ? member.url : member.endpoint
    },
    async isBack(name, before) {
      for (;;) {
        const { pid, state } = await memberOf(name)
        if (pid !== null && pid !== before && state === 'ready') return
        await sleep(pollMs)
      }
    },
    async stop() {
      await parts.close()
      await stopDevCluster(dir)
    },
  }
}
