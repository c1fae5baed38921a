import { MillraceError } from '#schemas/errors.ts'
import { type RoleName, roleNames } from '../roles/role-names.ts'

/** Servers in the order in which they start. */
export const serverNames = ['kafka', 'cassandra', 'redis'] as const

export type ServerName = (typeof serverNames)[number]

/** How many processes of each role. */
export type Instances = Readonly<Record<RoleName, number>>

/** What a development cluster consists of; written by `up`, carried out by the supervisor. */
export interface Plan {
  readonly format: 1
  /** Where the servers run: as processes of this machine, or in containers. */
  readonly servers: 'local' | 'docker'
  readonly instances: Instances
  /** Of the source topics; fixed for life. */
  readonly partitions: number
  /** By name of a server, of a role's instance, or of a further listener such as `kafka-controller`. Never changed once chosen. */
  readonly ports: Readonly<Record<string, number>>
  /** How often `up` was asked: the supervisor tries at once, when this rises, what it had put off. */
  readonly asked: number
}

export const oneOfEach: Instances = { ingest: 1, process: 1, serve: 1, train: 1, schedule: 1, gateway: 1 }

/** Listeners of servers beside the one that clients use. */
const furtherListeners = ['kafka-controller', 'cassandra-storage']

const mostInstances = 8

/** `process=2,serve=2` upon what there was. Throws `configuration-invalid`. */
export function parseInstances(text: string, before: Instances = oneOfEach): Instances {
  const counts: Record<RoleName, number> = { ...before }
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name = '', count = ''] = /^\s*([a-z]+)=(\d+)\s*$/.exec(pair) ?? []
    const role = roleNames.find((known) => known === name)
    const single = role === 'gateway'
    if (role === undefined || Number(count) < 1 || Number(count) > (single ? 1 : mostInstances)) {
      const reason = `--instances needs role=count (roles ${roleNames.join(', ')}; 1 to ${mostInstances}, one gateway), got "${pair}"`
      throw new MillraceError('configuration-invalid', reason, { facts: { given: pair } })
    }
    counts[role] = Number(count)
  }
  return counts
}

/** `serve`, `serve-2`, …; of all roles. */
export function instanceNames(instances: Instances): { readonly name: string; readonly role: RoleName }[] {
  return roleNames.flatMap((role) =>
    Array.from({ length: instances[role] }, (_, at) => ({ name: at === 0 ? role : `${role}-${at + 1}`, role })),
  )
}

/** Every port the plan needs, by name. */
export function portNames(instances: Instances): string[] {
  return [...serverNames, ...furtherListeners, ...instanceNames(instances).map(({ name }) => name)]
}
