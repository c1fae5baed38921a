import type { Client, Host } from 'cassandra-driver'
import type { Cassandra } from './connect.ts'

/** Names the set of local replicas of a key: rows with the same name can share a request without a detour for any of them. */
export type Placement = (key: string) => string

/**
 * Placement by the ring as the driver knows it at the moment. Where every node of the datacenter has every row, all keys
 * are in one place and no token is computed.
 */
export function placement({ client, keyspace, datacenter }: Cassandra): Placement {
  const names = new WeakMap<readonly Host[], string>()
  return (key) => {
    if (client.hosts.length === 1) return ''
    const replicas = replicasOf(client, keyspace, key)
    if (replicas === undefined) return ''
    const known = names.get(replicas)
    if (known !== undefined) return known
    const local = replicas.filter((host) => host.datacenter === datacenter).map(({ address }) => address)
    const name = local.sort().join()
    names.set(replicas, name)
    return name
  }
}

/** The driver keeps one array for each range of tokens, and returns null for a keyspace it has not loaded yet. */
function replicasOf(client: Client, keyspace: string, key: string): readonly Host[] | undefined {
  const replicas: readonly Host[] | null = client.getReplicas(keyspace, Buffer.from(key))
  return replicas ?? undefined
}
