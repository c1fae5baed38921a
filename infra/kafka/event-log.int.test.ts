import { networkedEventLogContract } from '#schemas/ports/event-log-network.contract.ts'
import { eventLogContract } from '#schemas/ports/event-log.contract.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { describe } from 'vitest'
import { openBrokerLog } from './broker-log.fixture.ts'

const kafka = testServer('kafka')

const clients = [
  { producer: 'platformatic', consumer: 'platformatic', compression: 'none' },
  { producer: 'kafkajs', consumer: 'kafkajs', compression: 'none' },
  { producer: 'platformatic', consumer: 'kafkajs', compression: 'lz4' },
  { producer: 'kafkajs', consumer: 'platformatic', compression: 'zstd' },
] as const

describe.skipIf(kafka === undefined)('Kafka', () => {
  for (const each of clients) {
    const name = `Kafka by ${each.producer}, read by ${each.consumer}, ${each.compression}`
    const open = async () => await openBrokerLog({ brokers: kafka?.brokers ?? [], ...each })
    eventLogContract(name, open)
    networkedEventLogContract(name, open)
  }
})
