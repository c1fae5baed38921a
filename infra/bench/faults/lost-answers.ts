import { apiKeys, openBrokerProxy, type BrokerProxy } from '#infra/kafka/open-broker-proxy.fixture.ts'
import { steadyWrites } from './writes.ts'
import { roleChild, type RoleChild } from './role-child.ts'
import type { Scenario } from './scenario.ts'

let proxy: BrokerProxy | undefined
let ingest: RoleChild | undefined

/** The broker appends, and its answer is lost with the connection: of an ingest instance of our own, with its own stream of events. */
export const lostAnswers: Scenario = {
  name: 'the answer of a produce lost after the broker had appended',
  async begin({ cluster, folder }) {
    proxy = await openBrokerProxy(cluster.config.kafkaBrokers)
    ingest = await roleChild('ingest', { ...cluster.config, kafkaBrokers: proxy.address }, folder())
    return async () => {
      await ingest?.stop()
      await proxy?.close()
    }
  },
  async once({ cluster, further }) {
    const writes = steadyWrites({
      url: ingest!.url,
      name: `lost-answers-${Math.floor(performance.now())}`,
      users: 50,
      items: ['any'],
      perSecond: 200,
    })
    further.push(writes)
    const before = proxy!.requests(apiKeys.produce)
    while (proxy!.requests(apiKeys.produce) < before + 20) await cluster.parts.clock.sleep(10)
    proxy!.cutAnswers(apiKeys.produce, 2)
    while (proxy!.requests(apiKeys.produce) < before + 60) await cluster.parts.clock.sleep(10)
    await writes.stop()
  },
}
