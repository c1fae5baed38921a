import { describe, expect, it } from 'vitest'
import { testClusters } from '../test-clusters.fixture.ts'
import { runRealSchedule } from './real-schedule.fixture.ts'

const cluster = testClusters()
const schedules = 8
const steps = 250

describe.skipIf(cluster === undefined)('The fold protocol on Kafka and Cassandra', () => {
  it.each(['kafkajs', 'platformatic'] as const)(
    'ends byte for byte in the straight fold, read by %s',
    async (kafkaConsumer) => {
      for (let seed = 0; seed < schedules; seed++) {
        const parts = await cluster!({ partitions: 1 + (seed % 4), kafkaConsumer }).open()
        const end = await runRealSchedule({ seed, ...parts, steps })
        expect({ seed, broken: end.broken }).toEqual({ seed, broken: [] })
        expect(end.expected.size).toBeGreaterThan(0)
      }
    },
  )
})
