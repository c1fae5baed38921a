import { freePort } from '#infra/servers/free-port.ts'
import type { ImportProgress } from '#producers/import/import-progress.ts'
import { loadConfig } from '../config.ts'
import { addressOf, plannedConfig, roleEnvironment } from './cluster-config.ts'
import { clusterDown } from './cluster-down.ts'
import { clusterFolder, type ClusterFolder } from './cluster-folder.ts'
import { clusterMembers } from './cluster-members.ts'
import { loadSample } from './cluster-sample.ts'
import { clusterStatus, type StatusReport } from './cluster-status.ts'
import { clusterUp } from './cluster-up.ts'
import { compileOnce } from './compile-cache.ts'
import { containerPid, dockerAnswers, startContainers, stopContainers } from './docker-servers.ts'
import { supervisorMain } from './main-file.ts'
import { parseInstances, type Plan } from './plan.ts'
import { fetchServers } from './server-start.ts'

export interface StartOptions {
  readonly dir: string
  /** As `process=2,serve=2`; what is not named stays as it was. */
  readonly instances: string
  /** Of the source topics; chosen at the first start on a folder. */
  readonly partitions: number
  /** Fill an empty cluster with the bundled sample and train a model. */
  readonly demo: boolean
  /** `auto`: in containers where a Docker engine answers. Chosen at the first start on a folder. */
  readonly servers: Plan['servers'] | 'auto'
  /** Given to all members to get ready. */
  readonly patienceMs: number
  readonly progress: ImportProgress
  readonly say: (line: string) => void
}

/** Starts what is not running of the cluster in the folder, which is made if there is none. Returns the gateway's address. */
export async function startDevCluster(options: StartOptions): Promise<{ gateway: string; started: readonly string[] }> {
  const { instances, partitions, demo, servers, patienceMs, progress, say } = options
  const folder = clusterFolder(options.dir)
  const { plan, started } = await clusterUp({
    folder,
    membersOf: (plan) => clusterMembers(plan, folder),
    instances: (before) => parseInstances(instances, before),
    partitions,
    chooseServers: async () => (servers === 'auto' ? ((await dockerAnswers()) ? 'docker' : 'local') : servers),
    freePort,
    prepare: (plan) => prepare(plan, folder),
    supervisor: supervisorMain,
    say,
    patienceMs,
  })
  const gateway = `http://${addressOf(plan, 'gateway')}`
  if (demo) {
    const env = roleEnvironment(process.env, plannedConfig(plan, folder))
    await loadSample({ folder, config: loadConfig({ file: folder.config, env }), gateway, progress, say })
  }
  return { gateway, started }
}

/** How the cluster in the folder is now. */
export function devClusterStatus(dir: string): Promise<StatusReport> {
  const folder = clusterFolder(dir)
  return clusterStatus({
    folder,
    membersOf: (plan) => clusterMembers(plan, folder),
    containerPid: (name) => containerPid(folder, name),
  })
}

/** Stops everything of the cluster in the folder; its data stay. Returns how many processes were running. */
export function stopDevCluster(dir: string): Promise<number> {
  const folder = clusterFolder(dir)
  return clusterDown({
    folder,
    membersOf: (plan) => clusterMembers(plan, folder),
    stopContainers: () => stopContainers(folder),
  })
}

async function prepare(plan: Plan, folder: ClusterFolder): Promise<void> {
  await Promise.all([
    plan.servers === 'docker' ? startContainers(plan, folder) : fetchServers(),
    compileOnce(folder.run),
  ])
}
