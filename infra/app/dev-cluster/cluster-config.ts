import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { MillraceError } from '#schemas/errors.ts'
import { type ConfigKey, type Config } from '../config-keys.ts'
import { variableOf } from '../config.ts'
import type { RoleName } from '../roles/role-names.ts'
import { type ClusterFolder, writeWhole } from './cluster-folder.ts'
import { instanceNames, type Plan } from './plan.ts'

/** Address of a listener of the plan on this machine. */
export function addressOf(plan: Plan, name: string): string {
  const port = plan.ports[name]
  if (port === undefined) throw new MillraceError('broken-invariant', `the plan has no port of ${name}`)
  return `127.0.0.1:${port}`
}

/** What the plan says of the configuration: one of everything on this machine, nothing replicated. */
export function plannedConfig(plan: Plan, folder: ClusterFolder): Partial<Config> {
  const urlsOf = (role: RoleName) =>
    instanceNames(plan.instances)
      .filter((instance) => instance.role === role)
      .map(({ name }) => `http://${addressOf(plan, name)}`)
      .join(',')
  return {
    preset: 'cluster',
    host: '127.0.0.1',
    dataDir: folder.data('millrace'),
    partitions: plan.partitions,
    kafkaBrokers: addressOf(plan, 'kafka'),
    kafkaReplication: 1,
    kafkaMinInSync: 1,
    cassandraContactPoints: addressOf(plan, 'cassandra'),
    cassandraReplication: '1',
    redisUrls: `redis://${addressOf(plan, 'redis')}`,
    ingestUrls: urlsOf('ingest'),
    serveUrls: urlsOf('serve'),
    trainUrls: urlsOf('train'),
  }
}

/** Written at the first `up`, and then the operator's: `up` leaves their values as they are. */
const firstConfig = { shutdownMs: 10_000, threads: 1, trustedProxies: 'loopback' } satisfies Partial<Config>

/** Brings the file up to the plan; keys that an operator has put there stay. The key of cursors is made once. */
export function writeClusterConfig(plan: Plan, folder: ClusterFolder): void {
  const before: unknown = existsSync(folder.config) ? JSON.parse(readFileSync(folder.config, 'utf8')) : firstConfig
  const cursorKey = randomBytes(32).toString('base64url')
  writeWhole(folder.config, { cursorKey, ...(before as object), ...plannedConfig(plan, folder) }, 0o600)
}

/** The environment of the roles: what the plan says of the configuration cannot be said otherwise in it. */
export function roleEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  planned: Partial<Config>,
): Record<string, string> {
  const own = new Set([...(Object.keys(planned) as ConfigKey[]), 'port' as const, 'cursorKey' as const].map(variableOf))
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || own.has(name) ? [] : [[name, value]],
  )
  return Object.fromEntries(kept)
}
