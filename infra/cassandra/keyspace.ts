import type { Client } from 'cassandra-driver'
import { MillraceError } from '#schemas/errors.ts'
import { localNodes } from './local-nodes.ts'
import { replicationCql, type Replication } from './replication.ts'

export interface KeyspaceOptions {
  readonly keyspace: string
  readonly datacenter: string
  readonly replication: Replication
}

/**
 * Makes the keyspace when it is missing, and returns its replicas in the local datacenter; one that is there keeps its replication. Throws `configuration-invalid` when the
 * datacenter has too few nodes for a quorum of the replicas: every read and write would fail.
 */
export async function ensureKeyspace(client: Client, options: KeyspaceOptions): Promise<number> {
  const { keyspace, datacenter } = options
  const stored = await storedReplicas(client, options)
  const replicas = stored ?? options.replication.get(datacenter) ?? 0
  const nodes = localNodes(client, datacenter)
  if (nodes < Math.floor(replicas / 2) + 1) {
    const message = `${replicas} replicas cannot have a quorum in datacenter ${datacenter}: nodes there: ${nodes}`
    throw new MillraceError('configuration-invalid', message, { facts: { keyspace, datacenter, replicas, nodes } })
  }
  if (stored !== undefined) return stored
  const replication = replicationCql(options.replication)
  await client.execute(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = ${replication}`)
  return replicas
}

/** Replicas in the local datacenter of the keyspace as it is; undefined where there is none. */
async function storedReplicas(client: Client, { keyspace, datacenter }: KeyspaceOptions): Promise<number | undefined> {
  const query = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?'
  const found = (await client.execute(query, [keyspace], { prepare: true })).first()
  if (found === null) return undefined
  const replication: Readonly<Record<string, string>> = found['replication']
  return Number(replication[datacenter] ?? replication['replication_factor'] ?? 0)
}
