import { join } from 'node:path'
import { startCassandra } from './cassandra.ts'
import type { Way } from './find-servers.fixture.ts'
import { startKafka } from './kafka.ts'
import { startRedis } from './redis.ts'
import { startS3 } from './s3.ts'
import { startToxiproxy } from './toxiproxy.ts'

/** Servers as child processes, with their data below a folder. Nobody wants the data afterwards, so they are killed. */
export function localServers(dir: string): Way {
  return {
    async kafka() {
      const { brokers, kill } = await startKafka({ dir: join(dir, 'kafka') })
      return { endpoint: { brokers }, stop: kill }
    },
    async cassandra() {
      const { contactPoints, datacenter, kill } = await startCassandra({ dir: join(dir, 'cassandra') })
      return { endpoint: { contactPoints, datacenter }, stop: kill }
    },
    async redis() {
      const { url, kill } = await startRedis({ dir: join(dir, 'redis') })
      return { endpoint: { url }, stop: kill }
    },
    async s3() {
      const { endpoint, accessKeyId, secretAccessKey, kill } = await startS3({ dir: join(dir, 's3') })
      return { endpoint: { endpoint, accessKeyId, secretAccessKey }, stop: kill }
    },
    async toxiproxy() {
      const { url, kill } = await startToxiproxy({ dir: join(dir, 'toxiproxy') })
      return { endpoint: { url }, stop: kill }
    },
  }
}
