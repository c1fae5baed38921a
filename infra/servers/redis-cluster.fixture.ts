import { join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'
import { eventually } from './eventually.fixture.ts'
import { freePort } from './free-port.ts'
import { askRedis, type RedisServer, startRedis } from './redis.ts'

export interface RedisClusterOptions {
  readonly dir: string
  readonly password?: string
}

export interface RedisClusterServers extends AsyncDisposable {
  /** Three masters, a third of the slots each, no replicas. */
  readonly masters: readonly RedisServer[]
  readonly urls: readonly string[]
  readonly stop: () => Promise<void>
}

const slots = 16_384
const masterCount = 3

/** Redis Cluster on one machine. Resolves once every master sees all slots served. */
export async function startRedisCluster({ dir, password }: RedisClusterOptions): Promise<RedisClusterServers> {
  const masters = await Promise.all(
    Array.from({ length: masterCount }, async (_, i) => {
      const busPort = await freePort()
      const settings = ['cluster-enabled yes', `cluster-port ${busPort}`, 'cluster-node-timeout 2000']
      return { busPort, ...(await startRedis({ dir: join(dir, `master-${i + 1}`), password, settings })) }
    }),
  )
  const ask = ({ port }: RedisServer, ...words: readonly string[]) => askRedis({ port, password }, words)
  await Promise.all(
    masters.map(async (master, i) => {
      const from = Math.floor((slots * i) / masterCount)
      const to = Math.floor((slots * (i + 1)) / masterCount)
      await ask(master, 'CLUSTER', 'ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => String(from + slot)))
      // Two masters of the same epoch would first have to settle which of them is younger.
      await ask(master, 'CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1))
    }),
  )
  for (const other of masters.slice(1)) {
    await ask(other, 'CLUSTER', 'MEET', '127.0.0.1', String(masters[0]?.port), String(masters[0]?.busPort))
  }
  await Promise.all(
    masters.map((master) =>
      eventually(async () => {
        const info = String(await ask(master, 'CLUSTER', 'INFO'))
        if (!/cluster_state:ok/.test(info) || !info.includes(`cluster_known_nodes:${masterCount}`)) {
          throw new MillraceError('server-failed', `the cluster is not whole:\n${info}`, { retriable: true })
        }
      }),
    ),
  )
  const stop = async () => {
    await Promise.all(masters.map((master) => master.kill()))
  }
  return {
    masters,
    urls: masters.map(({ url }) => url),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
