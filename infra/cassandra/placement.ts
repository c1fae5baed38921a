import type { Client, Host } from 'cassandra-driver'
import type { Cassandra } from './connect.ts'
import { localNodes } from './local-nodes.ts'

/** Names the set of local replicas of a key: rows with the same name can share a request without a detour for any of them. */
export type Placement = (key: string) => string

/**
 * Placement by the ring as the driver knows it at the moment of the call. Where every node of the datacenter has every row,
 * all keys are in one place and no token is computed.
 */
export function placement({ client, keyspace, datacenter, replicas }: Cassandra): () => Placement {
  const names = new WeakMap<readonly Host[], string>()

  function placeOf(key: string): string {
    const hosts = replicasOf(client, keyspace, key)
    if (hosts === undefined) return ''
    const known = names.get(hosts)
    if (known !== undefined) return known
    const local = hosts.filter((host) => host.datacenter === datacenter).map(({ address }) => address)
    const name = local.sort().join()
    names.set(hosts, name)
    return name
  }

  return () => (localNodes(client, datacenter) <= replicas ? () => '' : placeOf)
}

/** The driver keeps one array for each range of tokens, and returns null for a keyspace it has not loaded yet. */
function replicasOf(client: Client, keyspace: string, key: string): readonly Host[] | undefined {
  const replicas: readonly Host[] | null = client.getReplicas(keyspace, Buffer.from(key))
  return replicas ?? undefined
}
