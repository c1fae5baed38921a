import { setTimeout as sleep } from 'node:timers/promises'
import { startToxiproxy } from '#infra/servers/toxiproxy.ts'
import { roleChild } from './role-child.ts'
import type { Hurt, Scenario } from './scenario.ts'

const hurtForMs = 3_000
/** A processor that cannot be told from a working one until its store is asked. */
const role = 'process'

interface Toxic {
  readonly type: string
  readonly attributes: object
}

/** A third processor reaches its store through a proxy that we hurt. */
function link(name: string, store: 'cassandra' | 'kafka', hurt: (proxy: Proxy) => Promise<void>): Scenario {
  let proxy: Proxy | undefined
  return {
    name,
    async begin(given) {
      const server = await startToxiproxy({ dir: given.folder() })
      const key = store === 'cassandra' ? 'cassandraContactPoints' : 'kafkaBrokers'
      proxy = await proxied(server.url, given.cluster.config[key])
      const config = { ...given.cluster.config, [key]: proxy.address }
      const processor = await roleChild(role, config, given.folder())
      return async () => {
        await processor.stop()
        await server.stop()
      }
    },
    async once() {
      await hurt(proxy!)
    },
  }
}

interface Proxy {
  readonly address: string
  set(state: { readonly enabled: boolean }): Promise<void>
  add(toxic: Toxic): Promise<void>
  remove(type: string): Promise<void>
}

async function proxied(api: string, upstream: string): Promise<Proxy> {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${api}${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`toxiproxy answered ${answer.status} to ${method} ${path}: ${text}`)
    return text
  }
  const made: { readonly listen: string } = JSON.parse(
    await call('POST', '/proxies', { name: 'store', listen: '127.0.0.1:0', upstream }),
  )
  return {
    address: made.listen,
    set: async (state) => void (await call('POST', '/proxies/store', state)),
    add: async ({ type, attributes }) =>
      void (await call('POST', '/proxies/store/toxics', { name: type, type, attributes })),
    remove: async (type) => void (await call('DELETE', `/proxies/store/toxics/${type}`)),
  }
}

export const links: readonly Scenario[] = [
  link('the network between a processor and Cassandra cut', 'cassandra', async (proxy) => {
    await proxy.set({ enabled: false })
    await sleep(hurtForMs)
    await proxy.set({ enabled: true })
  }),
  link('the same link silent: nothing comes through, nothing is closed', 'cassandra', async (proxy) => {
    await proxy.add({ type: 'timeout', attributes: { timeout: 0 } })
    await sleep(hurtForMs)
    await proxy.remove('timeout')
  }),
  link('the same link slow (300 ± 200 ms)', 'cassandra', async (proxy) => {
    await proxy.add({ type: 'latency', attributes: { latency: 300, jitter: 200 } })
    await sleep(hurtForMs)
    await proxy.remove('latency')
  }),
]

/** Processors come and go faster than the partitions settle. */
export const rebalanceStorm: Scenario = {
  name: 'a rebalance storm: four processors come and go within seconds',
  async once({ cluster, folder }: Hurt) {
    const comers = await Promise.all([0, 1, 2, 3].map(() => roleChild(role, cluster.config, folder())))
    for (const comer of comers) {
      await sleep(300)
      await comer.stop()
    }
  },
}
