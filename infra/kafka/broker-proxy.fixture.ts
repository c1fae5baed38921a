import { onTestFinished } from 'vitest'
import { openBrokerProxy, type BrokerProxy } from './open-broker-proxy.fixture.ts'

export { apiKeys, type BrokerProxy } from './open-broker-proxy.fixture.ts'

/** A proxy that ends with the test. */
export async function brokerProxy(broker: string): Promise<BrokerProxy> {
  const proxy = await openBrokerProxy(broker)
  onTestFinished(() => proxy.close())
  return proxy
}
