import { join } from 'node:path'
import { startCassandra } from '#infra/servers/cassandra.ts'
import { startKafka } from '#infra/servers/kafka.ts'
import { startRedis } from '#infra/servers/redis.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { openCluster } from '../../app/cluster.ts'
import { loadConfig } from '../../app/config.ts'
import type { Config } from '../../app/config-keys.ts'
import type { Parts } from '../../app/parts.ts'
import { roleChild, type RoleChild } from '../faults/role-child.ts'

/** Servers of this machine, and roles on them as they are asked for. Nobody restarts what ends. */
export interface World {
  readonly config: Config
  /** The same servers, for looking at rows and log. */
  readonly parts: Parts
  readonly pids: Readonly<Record<'kafka' | 'cassandra' | 'redis', number>>
  readonly folders: Readonly<Record<'kafka' | 'cassandra', string>>
  /** Starts one more instance of a role; it is stopped with the world. */
  role(name: string, over?: Partial<Config>): Promise<RoleChild>
  /** For whatever else is to be stopped with the world, before the servers. */
  readonly closing: (() => Promise<unknown>)[]
  stop(): Promise<void>
}

/** Starts Kafka, Cassandra and Redis in the folder, replicated nowhere. */
export async function startWorld(folder: string): Promise<World> {
  const folders = { kafka: join(folder, 'kafka'), cassandra: join(folder, 'cassandra') }
  const closing: (() => Promise<unknown>)[] = []
  async function stop(): Promise<void> {
    for (const close of closing.splice(0).toReversed()) await close()
  }
  // Roles and servers are not to outlive a bench that is told to end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const end = () => void stop().finally(() => process.exit(1))
    process.once(signal, end)
    closing.push(async () => void process.off(signal, end))
  }
  try {
    const [kafka, cassandra, redis] = await Promise.all([
      stopped(closing, startKafka({ dir: folders.kafka, course: 'steady' })),
      stopped(closing, startCassandra({ dir: folders.cassandra, course: 'steady' })),
      stopped(closing, startRedis({ dir: join(folder, 'redis') })),
    ])
    const config = loadConfig({
      env: {},
      flags: {
        preset: 'cluster',
        dataDir: join(folder, 'millrace'),
        trainCron: '',
        readableTables: false,
        partitions: 4,
        port: 0,
        kafkaBrokers: kafka.brokers.join(),
        kafkaReplication: 1,
        kafkaMinInSync: 1,
        cassandraContactPoints: cassandra.contactPoints.join(),
        cassandraDatacenter: cassandra.datacenter,
        cassandraReplication: '1',
        redisUrls: redis.url,
        cursorKey: 'the key of a bench, nobody else knows it',
      },
    })
    const parts = await untilTaken(() => openCluster(config, { name: 'bench', metrics: noMetrics, report: () => {} }))
    closing.push(() => parts.close())
    let roles = 0
    return {
      config,
      parts,
      pids: { kafka: kafka.pid, cassandra: cassandra.pid, redis: redis.pid },
      folders,
      closing,
      async role(name, over = {}) {
        const child = await roleChild(name, { ...config, ...over }, join(folder, `${name}-${roles++}`))
        closing.push(() => child.stop())
        return child
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Tries again what a server that has just begun refuses: a broker takes its time over hundreds of partitions. */
export async function untilTaken<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act()
    } catch (error) {
      if (!isMillraceError(error) || !error.retriable || tries === mostTries) throw error
    }
  }
}

const mostTries = 6

async function stopped<T extends { stop(): Promise<void> }>(
  closing: (() => Promise<unknown>)[],
  starting: Promise<T>,
): Promise<T> {
  const server = await starting
  closing.push(() => server.stop())
  return server
}
