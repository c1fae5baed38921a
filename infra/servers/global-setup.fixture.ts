import type { TestProject } from 'vitest/node'
import type { TestServers } from './test-servers.fixture.ts'

/** Finds the servers of the integration tests once for the whole run. */
export function setup(project: TestProject): void {
  const { env } = process
  const servers: TestServers = {
    ...(env['KAFKA_BROKERS'] !== undefined && { kafka: { brokers: env['KAFKA_BROKERS'].split(',') } }),
    ...(env['CASSANDRA_CONTACT_POINTS'] !== undefined && {
      cassandra: {
        contactPoints: env['CASSANDRA_CONTACT_POINTS'].split(','),
        datacenter: env['CASSANDRA_DATACENTER'] ?? 'datacenter1',
      },
    }),
    ...(env['REDIS_URL'] !== undefined && { redis: { url: env['REDIS_URL'] } }),
    ...(env['S3_ENDPOINT'] !== undefined && {
      s3: { endpoint: env['S3_ENDPOINT'], accessKeyId: 'test', secretAccessKey: 'testtest' },
    }),
    ...(env['TOXIPROXY_URL'] !== undefined && { toxiproxy: { url: env['TOXIPROXY_URL'] } }),
    ...(env['SCHEMA_REGISTRY_URL'] !== undefined && { schemaRegistry: { url: env['SCHEMA_REGISTRY_URL'] } }),
  }
  project.provide('servers', servers)
  project.provide('missing', {})
}
