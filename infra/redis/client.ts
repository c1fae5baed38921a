import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { MillraceError } from '#schemas/errors.ts'

export interface RedisAddresses {
  /** `redis://host:port`, or `rediss://` for TLS. Of sentinels in that mode, of some nodes in that of a cluster. */
  readonly urls: readonly string[]
  readonly mode: 'single' | 'sentinel' | 'cluster'
  /** Name of the master that the sentinels watch. */
  readonly sentinelName?: string
  readonly user?: string
  readonly password?: string
  /** PEM texts. Given, or with `rediss://`, TLS is spoken to servers and sentinels alike. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

export type RedisClient = Redis | Cluster

/** Ms a connection may take, and a server may leave commands without any answer before its connection is given up. */
const silenceMs = 1_000
const longestPauseMs = 500

/**
 * Keeps connecting for ever, with growing pauses. Nothing waits for a connection: what cannot be sent now fails now, and
 * what was under way when a connection broke is not sent again.
 */
export function redisClient(addresses: RedisAddresses): RedisClient {
  const nodes = addresses.urls.map(nodeOf)
  const first = nodes[0]
  if (first === undefined) throw new MillraceError('configuration-invalid', 'Redis needs an address')
  const { mode, tls, sentinelName } = addresses
  const user = addresses.user ?? first.user
  const password = addresses.password ?? first.password
  const secure = tls !== undefined || nodes.some((node) => node.isTls) ? { tls: { ...tls } } : {}
  const shared = {
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...secure,
    connectTimeout: silenceMs,
    socketTimeout: silenceMs,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: pauseBefore,
    // A master that sentinels have made a replica: ask them again.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
  switch (mode) {
    case 'single':
      return new Redis({ ...shared, ...first.at, db: first.db, enableOfflineQueue: false })
    case 'sentinel':
      return new Redis({
        ...shared,
        enableOfflineQueue: false,
        sentinels: nodes.map(({ at }) => at),
        name: sentinelName ?? 'mymaster',
        // In this mode a name and password in an address are the sentinels' own.
        username: addresses.user,
        password: addresses.password,
        sentinelUsername: first.user,
        sentinelPassword: first.password,
        ...('tls' in secure && { enableTLSForSentinelMode: true, sentinelTLS: secure.tls }),
        sentinelRetryStrategy: pauseBefore,
        sentinelReconnectStrategy: pauseBefore,
        sentinelCommandTimeout: silenceMs,
        failoverDetector: true,
      })
    case 'cluster': {
      const { retryStrategy: _, ...ofNodes } = shared
      return new Cluster(
        nodes.map(({ at }) => at),
        {
          redisOptions: ofNodes,
          enableOfflineQueue: false,
          clusterRetryStrategy: pauseBefore,
          slotsRefreshTimeout: silenceMs,
          retryDelayOnFailover: 50,
          maxRedirections: 4,
        },
      )
    }
  }
}

function pauseBefore(attempt: number): number {
  return Math.min(50 * attempt, longestPauseMs) * (0.75 + Math.random() / 2)
}

interface Node {
  readonly at: { readonly host: string; readonly port: number }
  readonly db: number
  readonly isTls: boolean
  readonly user: string | undefined
  readonly password: string | undefined
}

function nodeOf(address: string): Node {
  const url = URL.parse(address)
  const db = Number(url?.pathname.slice(1) ?? 0)
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !Number.isInteger(db)) {
    const facts = { address: url === null ? undefined : `${url.protocol}//${url.host}${url.pathname}` }
    throw new MillraceError('configuration-invalid', 'a Redis address is redis://host:port or rediss://host:port', {
      facts,
    })
  }
  return {
    at: { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 6379 : Number(url.port) },
    db,
    isTls: url.protocol === 'rediss:',
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
  }
}
