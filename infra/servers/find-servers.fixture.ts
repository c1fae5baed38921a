import type { ServerName, TestServers } from './test-servers.fixture.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A server that was started for the tests. */
export interface Started<N extends ServerName> {
  readonly endpoint: NonNullable<TestServers[N]>
  readonly stop: () => Promise<unknown>
}

/** One way to start servers. A registry needs a Kafka; it is undefined where none was found. */
export type Way = {
  readonly [N in ServerName]?: (kafka: Promise<TestServers['kafka']>) => Promise<Started<N>>
}

export interface FindOptions {
  readonly wanted: readonly ServerName[]
  /** Running already. */
  readonly given: TestServers
  /** Tried in this order for each server. */
  readonly ways: readonly Way[]
}

export interface FoundServers {
  readonly servers: TestServers
  /** For people. */
  readonly missing: Readonly<Partial<Record<ServerName, string>>>
  /** Stops what was started. */
  readonly stop: () => Promise<void>
}

/** Finds all servers at once. What cannot be started is missing, with its reason; nothing throws. */
export async function findServers({ wanted, given, ways }: FindOptions): Promise<FoundServers> {
  const servers: Mutable<TestServers> = { ...given }
  const missing: Partial<Record<ServerName, string>> = {}
  const stops: (() => Promise<unknown>)[] = []

  async function find<N extends ServerName>(
    name: N,
    kafka: Promise<TestServers['kafka']>,
  ): Promise<TestServers[N] | undefined> {
    if (given[name] !== undefined) return given[name]
    const reasons: string[] = []
    for (const way of ways) {
      const start: Way[N] = way[name]
      if (start === undefined) continue
      try {
        const { endpoint, stop } = await start(kafka)
        stops.push(stop)
        servers[name] = endpoint
        return endpoint
      } catch (error) {
        reasons.push(error instanceof Error ? error.message : String(error))
      }
    }
    missing[name] = reasons.length === 0 ? 'it is not given, and cannot be started here' : reasons.join('; ')
    return undefined
  }

  const none = Promise.resolve(undefined)
  const kafka = wanted.includes('kafka') ? find('kafka', none) : Promise.resolve(given.kafka)
  const others = wanted.filter((name) => name !== 'kafka')
  await Promise.all([kafka, ...others.map((name) => find(name, kafka))])
  return {
    servers,
    missing,
    async stop() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}
