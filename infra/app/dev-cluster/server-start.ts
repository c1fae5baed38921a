import { join } from 'node:path'
import { startCassandra } from '#infra/servers/cassandra.ts'
import { startKafka } from '#infra/servers/kafka.ts'
import { prepareServer } from '#infra/servers/prepare.ts'
import { startRedis } from '#infra/servers/redis.ts'
import type { RunningServer } from '#infra/servers/running-server.ts'
import type { ClusterFolder } from './cluster-folder.ts'
import type { Start } from './member.ts'
import type { Plan, ServerName } from './plan.ts'

/** With the roles, what a laptop with two cores can spare. */
const heapMb = { kafka: 512, cassandra: 1024 }

/** Two cores that everything shares may keep a write waiting for longer than the 2 s that Cassandra gives it. */
const cassandraSettings = ['write_request_timeout: 8000ms', 'read_request_timeout: 8000ms']

/** A server as a process of this machine, its data and log in the cluster's folder. */
export function localServer(
  name: ServerName,
  plan: Plan,
  folder: ClusterFolder,
): { readonly start: Start; readonly log: string } {
  const dir = folder.data(name)
  return {
    log: join(dir, `${name}.log`),
    start: async ({ pid: onPid, ended }) => {
      const server = await startServer(name, plan, { dir, keepRunning: true, onPid })
      void server.exited.then(({ code, signal }) => ended(signal ?? `exit code ${code}`))
    },
  }
}

/** Fetches what the servers need, once a machine; throws `tool-missing` where Java or Redis is not installed. */
export async function fetchServers(): Promise<void> {
  await prepareServer('redis')
  await Promise.all([prepareServer('kafka'), prepareServer('cassandra')])
}

function startServer(
  name: ServerName,
  { ports }: Plan,
  options: { readonly dir: string; readonly keepRunning: true; readonly onPid: (pid: number) => void },
): Promise<RunningServer> {
  switch (name) {
    case 'kafka':
      return startKafka({
        ...options,
        port: ports['kafka'],
        controllerPort: ports['kafka-controller'],
        heapMb: heapMb.kafka,
      })
    case 'cassandra':
      return startCassandra({
        ...options,
        port: ports['cassandra'],
        storagePort: ports['cassandra-storage'],
        heapMb: heapMb.cassandra,
        settings: cassandraSettings,
      })
    case 'redis':
      return startRedis({ ...options, port: ports['redis'] })
  }
}
