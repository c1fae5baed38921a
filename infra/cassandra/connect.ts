import { auth, Client, policies, types } from 'cassandra-driver'
import { MillraceError } from '#schemas/errors.ts'
import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import { ensureKeyspace } from './keyspace.ts'
import { localNodes } from './local-nodes.ts'
import { survivesOvertakenRefresh } from './overtaken-refresh.ts'
import { parseReplication } from './replication.ts'
import { requestWindow, type RequestWindow } from './request-window.ts'
import { speculativeReads } from './speculative-reads.ts'
import { connectionError } from './store-error.ts'

export interface CassandraOptions {
  /** `host:port` of nodes to begin with; all nodes listen on the port of the first. */
  readonly contactPoints: readonly string[]
  /** Nodes of other datacenters are never asked: whoever shares rows must be in one datacenter. */
  readonly datacenter: string
  readonly keyspace: string
  readonly user?: string
  readonly password?: string
  readonly tls?: CassandraTls
  /** Replicas of a keyspace that is made: `3`, or `dc1=3,dc2=3`. */
  readonly replication: string
  readonly metrics?: Metrics
  /** Requests under way at a time, for each node of the datacenter. Default 128. */
  readonly requestsPerNode?: number
}

/** PEM texts. */
export interface CassandraTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** A session with one Cassandra cluster, for one keyspace. */
export interface Cassandra {
  readonly client: Client
  readonly keyspace: string
  readonly datacenter: string
  /** Of a row, in the local datacenter. */
  readonly replicas: number
  /** What all stores on this session have under way together. */
  readonly window: RequestWindow
  close(): Promise<void>
}

const defaultRequestsPerNode = 128
const timeouts = { connectMs: 5_000, requestMs: 10_000, heartBeatMs: 5_000 }
const reconnection = { firstMs: 100, longestMs: 2_000 }

/**
 * Connects, and makes the keyspace when it is missing. Statements go to a replica of their row in the local datacenter,
 * LOCAL_QUORUM both ways; conditional ones are SERIAL. Throws `configuration-invalid` on a datacenter, login or
 * replication that cannot be, `store-failed` (retriable) when no node answers.
 */
export async function connectCassandra(options: CassandraOptions): Promise<Cassandra> {
  const { datacenter, keyspace, metrics = noMetrics } = options
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) {
    const message = `a keyspace begins with a letter and has up to 48 of a-z, 0-9 and _: ${keyspace}`
    throw new MillraceError('configuration-invalid', message, { facts: { keyspace } })
  }
  const replication = parseReplication(options.replication, datacenter)
  const client = newClient(options)
  let replicas: number
  try {
    await client.connect()
    replicas = await ensureKeyspace(client, { keyspace, datacenter, replication })
  } catch (error) {
    await client.shutdown()
    throw connectionError(error, { contactPoints: options.contactPoints.join(), datacenter })
  }
  const nodes = Math.max(1, localNodes(client, datacenter))
  const window = requestWindow((options.requestsPerNode ?? defaultRequestsPerNode) * nodes, (inUse) =>
    metrics.gauge('millrace_pool_in_use', inUse, { pool: 'cassandra-requests' }),
  )
  return { client, keyspace, datacenter, replicas, window, close: async () => await client.shutdown() }
}

function newClient({ contactPoints, datacenter, user = '', password = '', tls }: CassandraOptions): Client {
  const port = Number(/:(\d+)$/.exec(contactPoints[0] ?? '')?.[1] ?? 9042)
  const { localQuorum, serial } = types.consistencies
  const client: Client = new Client({
    contactPoints: [...contactPoints],
    localDataCenter: datacenter,
    applicationName: 'millrace',
    // Offered a higher version, Cassandra may answer twice, which makes the driver give two requests one stream: the second
    // one hangs. Seen with client certificates.
    protocolOptions: { port, maxVersion: types.protocolVersion.v4 },
    ...(user !== '' && { authProvider: new auth.PlainTextAuthProvider(user, password) }),
    ...(tls !== undefined && { sslOptions: { ...tls, rejectUnauthorized: true } }),
    policies: {
      loadBalancing: new policies.loadBalancing.TokenAwarePolicy(
        new policies.loadBalancing.DCAwareRoundRobinPolicy(datacenter),
      ),
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(
        reconnection.firstMs,
        reconnection.longestMs,
        false,
      ),
      speculativeExecution: speculativeReads(() => client.hosts.length),
    },
    pooling: {
      // One connection carries 2,048 requests; a second one costs the driver more than it brings (measured).
      coreConnectionsPerHost: { [types.distance.local]: 1 },
      heartBeatInterval: timeouts.heartBeatMs,
    },
    socketOptions: { connectTimeout: timeouts.connectMs, readTimeout: timeouts.requestMs },
    queryOptions: { consistency: localQuorum, serialConsistency: serial },
    monitorReporting: { enabled: false },
  })
  survivesOvertakenRefresh(client)
  return client
}
