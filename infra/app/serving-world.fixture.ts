import { plainConfidence } from '#schemas/models/preference.ts'
import { avroCodec } from '#infra/avro/codec.ts'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { memoryBlobStore } from '#infra/memory/blob-store.ts'
import { memoryLease } from '#infra/memory/lease.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { memoryModelRegistry } from '#infra/memory/model-registry.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import { contentDimension, plainContent } from '#schemas/models/content-features.ts'
import { encodeTopLists } from '#schemas/models/lists-blob.ts'
import { encodeModel } from '#schemas/models/model-blob.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { SparseRows } from '#schemas/ports/solver.ts'
import { exactIndex } from '#schemas/ports/exact-index.fixture.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { formatPositions } from '#schemas/position.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import type { TopicName } from '#schemas/topics.ts'
import { startServing, type Serving } from '#serving/service.ts'
import type { ServingOptions } from '#serving/options.ts'
import type { ServingPorts } from '#serving/ports.ts'
import { type ItemVectorsOptions, startItemVectors } from '#stream-processors/processors/item-vectors.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import { topology } from '#stream-processors/topology.ts'

/** Twelve films, half of them dramas, half comedies: film n is a drama when n is even. */
export const films = Array.from({ length: 12 }, (_, n) => `film-${n}`)

export function film(n: number, changes: Partial<Item> = {}): Item {
  return {
    ...blankItem,
    title: `Film number ${n}`,
    categories: [n % 2 === 0 ? 'Drama' : 'Comedy'],
    ...changes,
  }
}

export interface ServingWorldOptions {
  readonly serving?: Partial<ServingOptions>
  /** Stands between serving and the rows, to make them fail. */
  readonly between?: (features: FeatureStore) => FeatureStore
  /** Of serving alone. */
  readonly clock?: Clock
}

export type ServingWorld = Awaited<ReturnType<typeof servingWorld>>

/** Log, rows, processors and serving on memory adapters: what `standalone` composes, without a disk. */
export async function servingWorld(options: ServingWorldOptions = {}) {
  const clock = systemClock()
  const codec = avroCodec()
  const log = memoryEventLog()
  const store = memoryStateStore()
  const metrics = memoryMetrics()
  const models = memoryModelRegistry()
  const blobs = memoryBlobStore()
  const leases = memoryLease({ clock })
  const solver = typescriptSolver()
  const rows = rowFeatureStore({ store, codec })
  const reported: unknown[] = []
  const servings: Serving[] = []
  const processors = topology(defaultFoldSettings)
  const runtime = { log, store, codec, clock, metrics }
  const processing = [
    await startProcessing(processors.interactions, runtime),
    await startProcessing(processors.items, runtime),
    await startProcessing(processors.profiles, runtime),
  ]
  let events = 0

  async function append<T extends TopicName>(topic: T, key: string, event: EventOf[T]): Promise<string> {
    return formatPositions(await log.append(topic, [{ key, value: codec.encodeEvent(topic, event) }]))
  }

  function envelope(at: number) {
    return { id: `event-${events++}`, occurredAt: at, acceptedAt: at, source: null, sequence: null }
  }

  const ports: ServingPorts = {
    rows: 'rows-1',
    leases,
    features: options.between?.(rows) ?? rows,
    tail: logTail({ log, codec, clock }),
    createIndex: exactIndex,
    solver,
    models,
    blobs,
    log,
    codec,
    clock: options.clock ?? clock,
    metrics,
    report: (error) => reported.push(error),
  }

  async function start(): Promise<Serving> {
    const serving = await startServing(ports, {
      cursorKey: 'a key of more than sixteen bytes',
      exploration: 0,
      ...options.serving,
    })
    servings.push(serving)
    return serving
  }

  async function folded(): Promise<void> {
    await Promise.all(processing.map((one) => one.caughtUp()))
  }

  return {
    log,
    codec,
    metrics,
    reported,
    /** What serving stands on. */
    ports,
    registry: models,
    solver,
    /** Resolves once all events are in the rows and announced. */
    folded,
    start,
    append,
    /** Keeps the vectors of new items, as a processor does. */
    startVectors: (changed = (given: ItemVectorsOptions) => given) =>
      startItemVectors(
        changed({
          features: rows,
          tail: logTail({ log, codec, clock }),
          solver,
          registry: models,
          blobs,
          log,
          codec,
          clock,
          settings: defaultFoldSettings,
          report: (error) => reported.push(error),
        }),
      ),
    rate: (userId: string, itemId: string, value: number, at = Date.now()) =>
      append('interactions', userId, {
        ...envelope(at),
        type: 'interaction',
        userId,
        itemId,
        action: 'rating',
        value,
        mended: false,
        sessionId: null,
        context: null,
        attribution: null,
      }),
    /** What follows from a list: a click on the item at a place of it. */
    click: (userId: string, itemId: string, requestId: string, position: number, at = Date.now()) =>
      append('interactions', userId, {
        ...envelope(at),
        type: 'interaction',
        userId,
        itemId,
        action: 'click',
        value: null,
        mended: false,
        sessionId: null,
        context: null,
        attribution: { requestId, position },
      }),
    erase: (userId: string) =>
      append('interactions', userId, { type: 'erase', id: `event-${events++}`, userId, ...times(Date.now()) }),
    put: (itemId: string, item: Item, at = Date.now()) =>
      append('items', itemId, { ...envelope(at), type: 'upsert', itemId, item }),
    remove: (itemId: string) => append('items', itemId, { ...envelope(Date.now()), type: 'delete', itemId }),
    /** Publishes a two-factor model, dramas along one axis and comedies along the other, and switches to it. */
    async publish(
      version: string,
      lists: ReadonlyMap<string, readonly string[]> = new Map(),
      itemCount = films.length,
      neighbours?: SparseRows,
    ) {
      const itemFactors = Float32Array.from({ length: itemCount * 2 }, (_, i) => {
        const n = i >> 1
        return (i % 2 === n % 2 ? 1 : 0.1) * (1 - n / 100)
      })
      const gramian = await solver.gramian({ rows: itemCount, k: 2, data: itemFactors })
      const content = new Float32Array(contentDimension * 2).fill(0.1)
      const model = {
        version,
        k: 2,
        alpha0: 0.1,
        lambda: 0.1,
        nu: 1,
        ...plainConfidence,
        items: itemCount,
        users: 10,
        gramian,
        itemIds: films.slice(0, itemCount),
        itemFactors,
        itemCounts: new Uint32Array(itemCount).fill(60),
        userGramian: gramian,
        contentSpace: plainContent,
        content,
        profile: new Float32Array(0),
        neighbours,
      }
      await models.add({
        version,
        createdAt: Date.now(),
        settings: {},
        metrics: {},
        positions: [],
        users: 10,
        items: itemCount,
        interactions: 100,
        seconds: 1,
        blob: await blobs.put(encodeModel(model)),
        lists: await blobs.put(encodeTopLists({ version, users: lists, categories: new Map() })),
      })
      await append('models', '', { type: 'published', run: version, version, at: Date.now() })
      await this.switchTo(version)
      return model
    },
    switchTo: (version: string) =>
      append('models', '', { type: 'switched', version, generation: 'g1', at: Date.now(), reason: 'test' }),
    async caughtUp() {
      await folded()
      for (const serving of servings) await serving.caughtUp()
    },
    async stop() {
      for (const serving of servings) await serving.stop()
      await Promise.all(processing.map((one) => one.stop()))
      await log.close()
    },
  }
}

function times(at: number) {
  return { occurredAt: at, acceptedAt: at }
}
