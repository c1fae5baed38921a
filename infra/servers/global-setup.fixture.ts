import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { dockerAnswers } from './docker.fixture.ts'
import { findServers } from './find-servers.fixture.ts'
import { localServers } from './local-servers.fixture.ts'
import { type ServerName, type TestServers, testServerNames } from './test-servers.fixture.ts'

/**
 * Finds the servers of the integration tests once for the whole run: endpoints given by the environment, containers
 * where a Docker engine answers, processes of this machine. `MILLRACE_TEST_SERVERS=kafka,redis` names those that are
 * needed. What it returns ends what it started.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = wantedServers(process.env['MILLRACE_TEST_SERVERS'])
  const given = givenServers(process.env)
  const dir = await mkdtemp(join(tmpdir(), 'millrace-test-servers-'))
  const allGiven = wanted.every((name) => given[name] !== undefined)
  const docker = !allGiven && (await dockerAnswers())
  // Loaded only where it can be used: it takes its time.
  const containers = docker ? [(await import('./containers.fixture.ts')).containers] : []
  const { servers, missing, stop } = await findServers({ wanted, given, ways: [...containers, localServers(dir)] })
  project.provide('servers', servers)
  project.provide('missing', { ...unwanted(wanted), ...missing })
  return async () => {
    await stop()
    await rm(dir, { recursive: true, force: true })
  }
}

function wantedServers(names: string | undefined): readonly ServerName[] {
  if (names === undefined) return testServerNames
  const asked = names.split(',').map((name) => name.trim())
  const unknown = asked.filter((name) => name !== '' && !testServerNames.some((known) => known === name))
  if (unknown.length > 0)
    throw new Error(`MILLRACE_TEST_SERVERS names ${unknown.join(', ')}, not one of ${testServerNames.join(', ')}`)
  return testServerNames.filter((name) => asked.includes(name))
}

function unwanted(wanted: readonly ServerName[]): Partial<Record<ServerName, string>> {
  const left = testServerNames.filter((name) => !wanted.includes(name))
  return Object.fromEntries(left.map((name) => [name, 'MILLRACE_TEST_SERVERS does not name it']))
}

function givenServers(env: NodeJS.ProcessEnv): TestServers {
  const kafka = env['KAFKA_BROKERS']
  const cassandra = env['CASSANDRA_CONTACT_POINTS']
  const redis = env['REDIS_URL']
  const s3 = env['S3_ENDPOINT']
  const toxiproxy = env['TOXIPROXY_URL']
  const schemaRegistry = env['SCHEMA_REGISTRY_URL']
  const datacenter = env['CASSANDRA_DATACENTER'] ?? 'datacenter1'
  const credentials = { accessKeyId: 'test', secretAccessKey: 'testtest' }
  return {
    ...(kafka !== undefined && { kafka: { brokers: kafka.split(',') } }),
    ...(cassandra !== undefined && { cassandra: { contactPoints: cassandra.split(','), datacenter } }),
    ...(redis !== undefined && { redis: { url: redis } }),
    ...(s3 !== undefined && { s3: { endpoint: s3, ...credentials } }),
    ...(toxiproxy !== undefined && { toxiproxy: { url: toxiproxy } }),
    ...(schemaRegistry !== undefined && { schemaRegistry: { url: schemaRegistry } }),
  }
}
