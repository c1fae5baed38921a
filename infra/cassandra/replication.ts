import { MillraceError } from '#schemas/errors.ts'

/** Replicas of each datacenter, by its name. */
export type Replication = ReadonlyMap<string, number>

/** Reads `3` (in the local datacenter) or `dc1=3,dc2=3`. Throws `configuration-invalid`. */
export function parseReplication(text: string, datacenter: string): Replication {
  if (/^\d{1,3}$/.test(text)) return new Map([[datacenter, Number(text)]])
  const found = new Map<string, number>()
  for (const pair of text.split(',')) {
    const match = /^([\w-]+)=(\d{1,3})$/.exec(pair.trim())
    if (match === null) throw refused(text, 'it is a number, or datacenter=number pairs with commas')
    found.set(match[1]!, Number(match[2]))
  }
  if ((found.get(datacenter) ?? 0) < 1) throw refused(text, `it must name the local datacenter ${datacenter}`)
  return found
}

/** As CQL writes it. */
export function replicationCql(replication: Replication): string {
  const pairs = Array.from(replication, ([datacenter, replicas]) => `'${datacenter}': ${replicas}`)
  return `{'class': 'NetworkTopologyStrategy', ${pairs.join(', ')}}`
}

function refused(replication: string, why: string): MillraceError {
  const message = `replication \`${replication}\` cannot be read: ${why}`
  return new MillraceError('configuration-invalid', message, { facts: { replication } })
}
