import { afterEach, beforeEach } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { type IngestOptions, ingestRoutes } from '#producers/ingest/ingest-routes.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { Profile } from '#schemas/events/catalogue.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { CatalogueEntry, UserFeatures } from '#schemas/ports/feature-store.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { rowRoutes } from '#serving/routes/rows.ts'
import { createServer, type Server } from './server.ts'

export const now = 1_700_000_000_000
export const like = { userId: 'u1', itemId: 'i1', type: 'like' }

export interface IngestFixture {
  /** A server with the ways in, and reads of rows, on the fixture's log and rows; closed after the test. */
  ingest(options?: Partial<IngestOptions>): Server
  /** Everything on a topic, partition by partition. */
  logged<T extends 'interactions' | 'items' | 'profiles'>(topic: T): Promise<EventOf[T][]>
  readonly log: EventLog
  readonly users: Map<string, UserFeatures>
  readonly items: Map<string, CatalogueEntry>
  readonly profiles: Map<string, Profile>
}

/** The ways in on a memory log, before each test empty, with rows that a test sets by hand. */
export function ingestFixture(): IngestFixture {
  const codec = avroCodec()
  const servers: Server[] = []
  const users = new Map<string, UserFeatures>()
  const items = new Map<string, CatalogueEntry>()
  const profiles = new Map<string, Profile>()
  let log = memoryEventLog({ partitions: 4 })

  beforeEach(() => {
    log = memoryEventLog({ partitions: 4 })
    for (const rows of [users, items, profiles]) rows.clear()
  })
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((app) => app.close()))
  })

  return {
    users,
    items,
    profiles,
    get log() {
      return log
    },
    ingest(options = {}) {
      const app = createServer({ version: '0', ready: () => ({ ready: true, reasons: [] }), renderMetrics: () => '' })
      servers.push(app)
      let ids = 0
      const features = {
        user: async (id: string) => users.get(id),
        profile: async (id: string) => profiles.get(id),
        catalogueEntry: async (id: string) => items.get(id),
        foldedTo: async (partition: number) => ({ epoch: 1, partition, offset: Number.MAX_SAFE_INTEGER }),
      }
      const clock = { now: () => now, sleep: async () => {} }
      const newId = () => `made-${ids++}`
      const settings = defaultFoldSettings
      void app.register(ingestRoutes({ log, codec, clock, metrics: noMetrics, settings, newId, features, ...options }))
      // Reads are another role's: tests of writes look with them.
      void app.register(rowRoutes(features))
      return app
    },
    async logged(topic) {
      const events = []
      for (const { epoch, partition, start } of await log.bounds(topic)) {
        for await (const records of log.read(topic, { epoch, partition, offset: start })) {
          events.push(...records.map((record) => codec.decodeEvent(topic, record.value)))
        }
      }
      return events
    },
  }
}

/** Posts a body as it is, or as JSON. */
export async function post(
  app: Server,
  payload: unknown,
  headers: Record<string, string> = {},
  url = '/v1/interactions',
) {
  const answer = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
  })
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
}
