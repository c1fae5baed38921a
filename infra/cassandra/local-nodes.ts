import type { Client } from 'cassandra-driver'

/** Nodes of the datacenter, whether they are up or down. */
export function localNodes(client: Client, datacenter: string): number {
  return client.hosts.values().filter((host) => host.datacenter === datacenter).length
}
