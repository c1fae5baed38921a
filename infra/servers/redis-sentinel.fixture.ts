import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'
import { freePort } from './free-port.ts'
import { askRedis, type RedisServer, startRedis } from './redis.ts'
import type { RedisReply } from './resp.ts'
import { type RunningServer, startServer } from './running-server.ts'
import { findTool } from './tools.ts'
import { eventually } from './eventually.fixture.ts'

export interface RedisSentinelOptions {
  readonly dir: string
  /** Default 1. */
  readonly replicas?: number
  /** Of master and replicas; sentinels ask for none. */
  readonly password?: string
}

export interface RedisSentinelServers extends AsyncDisposable {
  readonly masterName: string
  /** Ports of the sentinels on 127.0.0.1. */
  readonly sentinelPorts: readonly number[]
  readonly sentinels: readonly RunningServer[]
  readonly master: RedisServer
  readonly replicas: readonly RedisServer[]
  /** Port of the master as the sentinels see it now: another one after a failover. */
  masterPort(): Promise<number>
  readonly stop: () => Promise<void>
}

const masterName = 'mymaster'
const sentinelCount = 3

/**
 * A master, its replicas and three sentinels that elect a new master about a second after the old one is gone. Resolves
 * once the sentinels know each other and every replica.
 */
export async function startRedisSentinel(options: RedisSentinelOptions): Promise<RedisSentinelServers> {
  const { dir, replicas: replicaCount = 1, password } = options
  const master = await startRedis({ dir: join(dir, 'master'), password })
  const follow = [`replicaof 127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay 0']
  const replicas = await Promise.all(
    Array.from({ length: replicaCount }, (_, i) =>
      startRedis({ dir: join(dir, `replica-${i + 1}`), password, settings: follow }),
    ),
  )
  await eventually(async () => {
    const replication = String(await askRedis({ port: master.port, password }, ['INFO', 'replication']))
    const online = replication.match(/state=online/g)?.length ?? 0
    if (online < replicaCount) throw notYet(`${online} of ${replicaCount} replicas follow their master`)
  })
  const sentinelPorts = await Promise.all(Array.from({ length: sentinelCount }, () => freePort()))
  const sentinels = await Promise.all(
    sentinelPorts.map((port, i) => startSentinel(join(dir, `sentinel-${i + 1}`), port, master.port, password)),
  )
  await Promise.all(sentinelPorts.map((port) => eventually(() => knowsAll(port, replicaCount))))

  const stop = async () => {
    await Promise.all(sentinels.map((sentinel) => sentinel.kill()))
    await Promise.all([master, ...replicas].map((server) => server.kill()))
  }
  return {
    masterName,
    sentinelPorts,
    sentinels,
    master,
    replicas,
    async masterPort() {
      const address = await askRedis({ port: sentinelPorts[0] ?? 0 }, [
        'SENTINEL',
        'GET-MASTER-ADDR-BY-NAME',
        masterName,
      ])
      return Number(Array.isArray(address) ? address[1] : Number.NaN)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startSentinel(dir: string, port: number, masterPort: number, password?: string): Promise<RunningServer> {
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir "${dir}"`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${masterName} 1000`,
    `sentinel failover-timeout ${masterName} 3000`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${masterName} ${password}`]),
  ]
  await mkdir(dir, { recursive: true })
  const configuration = join(dir, 'sentinel.conf')
  await writeFile(configuration, `${lines.join('\n')}\n`, { mode: 0o600 })
  const command = await findTool('redis-server')
  return startServer({ dir, name: 'sentinel', command, args: [configuration, '--sentinel'] }, () =>
    askRedis({ port }, ['PING']),
  )
}

async function knowsAll(port: number, replicaCount: number): Promise<void> {
  const master = fieldsOf(await askRedis({ port }, ['SENTINEL', 'MASTER', masterName]))
  const replicas = Number(master.get('num-slaves'))
  const others = Number(master.get('num-other-sentinels'))
  if (replicas < replicaCount || others < sentinelCount - 1) {
    throw notYet(`a sentinel knows ${replicas} replicas and ${others} other sentinels`)
  }
}

/** A flat list of names and values. */
function fieldsOf(reply: RedisReply): Map<string, string> {
  const words = Array.isArray(reply) ? reply.map(String) : []
  return new Map(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1] ?? '']] : [])))
}

function notYet(what: string): MillraceError {
  return new MillraceError('server-failed', what, { retriable: true })
}
