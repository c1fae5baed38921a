import { randomUUID } from 'node:crypto'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { kafkaAdmin } from '#infra/kafka/open.ts'
import { topicSettings } from '#infra/kafka/topics.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { expect, it } from 'vitest'

const kafka = testServer('kafka')

it.skipIf(kafka === undefined)(
  'millrace topics makes what is missing, and reports drift with exit code 1',
  async () => {
    const brokers = kafka?.brokers ?? []
    const topicPrefix = `test-${randomUUID()}-`
    const admin = kafkaAdmin({ brokers, clientId: 'millrace-test' })
    const env = {
      ...process.env,
      MILLRACE_KAFKA_BROKERS: brokers.join(','),
      MILLRACE_TOPIC_PREFIX: topicPrefix,
      MILLRACE_KAFKA_REPLICATION: '1',
      MILLRACE_KAFKA_MIN_IN_SYNC: '1',
      MILLRACE_PARTITIONS: '2',
    }
    try {
      const missing = await millrace(['topics', 'check'], env)
      expect(missing.code).toBe(1)
      expect(missing.out).toContain(`${topicPrefix}interactions: exists is no, must be yes`)
      expect(await millrace(['topics', 'create'], env)).toMatchObject({ code: 0, out: expect.stringContaining('made') })
      expect(await millrace(['topics', 'check'], env)).toEqual({ code: 0, out: 'every topic is as it must be\n' })
      const drifted = await millrace(['topics', 'check', '--json'], { ...env, MILLRACE_PARTITIONS: '3' })
      expect(drifted.code).toBe(1)
      expect(JSON.parse(drifted.out)).toContainEqual({
        topic: `${topicPrefix}items`,
        what: 'partitions',
        wanted: '3',
        found: '2',
      })
    } finally {
      const made = topicSettings({ topicPrefix, partitions: 2, replication: 1, minInSync: 1 })
      await admin.deleteTopics(Object.values(made).map(({ name }) => name))
      await admin.close()
    }
  },
)

async function millrace(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; out: string }> {
  const program = join(import.meta.dirname, '../../../bin/millrace.js')
  return await new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, out) => {
      resolve({ code: error === null ? 0 : Number(error.code), out })
    })
  })
}
