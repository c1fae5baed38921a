import { setImmediate } from 'node:timers/promises'
import type { ModelEvent } from '#schemas/events/derived.ts'
import { inTurns } from '#schemas/in-pieces.ts'
import { blankModelLife, foldModelLife } from '#schemas/models/model-life.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { Tail } from '#schemas/ports/tail.ts'
import type { MadeFrom } from './vector-growth.ts'
import { indexingModel, streamingVector, type IndexedModel, type VectorSources } from './streaming-vector.ts'

export interface ItemVectorsOptions extends VectorSources {
  readonly tail: Tail
  readonly log: Pick<EventLog, 'append'>
  readonly codec: Codec
  readonly clock: Clock
  readonly registry: Pick<ModelRegistry, 'get'>
  readonly blobs: Pick<BlobStore, 'get'>
  /** Owned from the start. Default: all. */
  readonly partitions?: readonly number[]
  /** Told of failures; the item waits for its next notice. */
  readonly report: (error: unknown, doing: string) => void
}

export interface ItemVectors {
  /** Keeps the vectors of the items on these partitions from now on, and of no others. */
  own(partitions: readonly number[]): Promise<void>
  /** Resolves once every item noticed before the call has its vector, or needs none. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
}

/** Items of which it is known what their vectors were made from. */
const remembered = 50_000
/** An item is computed once a second at most. */
const itemPauseMs = 1_000
/** Share of one thread that vectors may take: they must not make answers wait. */
const duty = 0.2

/**
 * item-notices → item-vectors: new items get a vector within the second. A cache: notices of the time before the start
 * are not made up for, since a model's own vectors and content stand until an item's next event.
 */
export async function startItemVectors(options: ItemVectorsOptions): Promise<ItemVectors> {
  const { tail, clock, codec, log, report } = options
  const due = new Map<string, number>()
  const doneAt = new Map<string, number>()
  /** What the vectors of the items made last are from. */
  const madeFrom = new Map<string, MadeFrom>()
  const stopping = new AbortController()
  let life = blankModelLife
  let current: IndexedModel | undefined
  let awake = Promise.withResolvers<void>()
  /** Undefined while there is nothing to do. */
  let busy: PromiseWithResolvers<void> | undefined

  async function takeModels(events: readonly ModelEvent[]): Promise<void> {
    for (const event of events) life = foldModelLife(life, event)
    const version = life.serving?.version
    if (version === undefined || version === current?.model.version) return
    try {
      const manifest = await options.registry.get(version)
      const bytes = manifest === undefined ? undefined : await options.blobs.get(manifest.blob)
      if (bytes === undefined) report(new Error(`model ${version} cannot be read`), 'loading a model')
      else current = await inTurns(indexingModel(bytes), setImmediate)
    } catch (error) {
      report(error, `loading model ${version}`)
    }
  }

  function takeNotices(itemIds: readonly string[]): void {
    if (current === undefined) return
    busy ??= Promise.withResolvers<void>()
    for (const itemId of itemIds) due.set(itemId, Math.max(clock.now(), (doneAt.get(itemId) ?? 0) + itemPauseMs))
    awake.resolve()
  }

  async function compute(itemId: string, indexed: IndexedModel): Promise<void> {
    try {
      const made = await streamingVector(options, indexed, itemId, madeFrom.get(itemId))
      if (made === undefined) return
      await log.append('item-vectors', [{ key: itemId, value: codec.encodeEvent('item-vectors', made.vector) }])
      remember(itemId, made.from)
    } catch (error) {
      report(error, `computing the vector of item ${itemId}`)
    }
  }

  function remember(itemId: string, from: MadeFrom): void {
    madeFrom.delete(itemId)
    madeFrom.set(itemId, from)
    const [oldest] = madeFrom.keys()
    if (madeFrom.size > remembered && oldest !== undefined) madeFrom.delete(oldest)
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const next = earliest(due)
      if (next === undefined || current === undefined) {
        busy?.resolve()
        busy = undefined
        awake = Promise.withResolvers<void>()
        await awake.promise
        continue
      }
      const began = clock.now()
      if (next.at > began) {
        await clock.sleep(next.at - began, stopping.signal)
        continue
      }
      due.delete(next.itemId)
      await compute(next.itemId, current)
      const ended = clock.now()
      doneAt.set(next.itemId, ended)
      if (doneAt.size > 10_000) forgetOld(doneAt, ended - itemPauseMs)
      await clock.sleep((ended - began) * (1 / duty - 1), stopping.signal)
    }
  }

  const onUnreadable = (_: unknown, error: unknown) => report(error, 'reading a notice')
  const models = await tail.follow({
    name: 'item-vectors of models',
    topic: 'models',
    from: 'start',
    apply: (records) => takeModels(records.map(({ event }) => event)),
    onUnreadable,
  })
  const notices = await tail.follow({
    name: 'item-vectors',
    topic: 'item-notices',
    from: 'end',
    ...(options.partitions !== undefined && { partitions: options.partitions }),
    apply: (records) => takeNotices(records.map(({ event }) => event.key)),
    onUnreadable,
  })
  for (const { ended } of [models, notices]) {
    ended.catch((error: unknown) => report(error, 'following what item vectors are made from'))
  }
  const running = run()

  return {
    own: (partitions) => notices.own(partitions),
    async caughtUp() {
      await models.caughtUp()
      await notices.caughtUp()
      await busy?.promise
    },
    async stop() {
      stopping.abort()
      awake.resolve()
      await Promise.all([models.stop(), notices.stop(), running])
    },
  }
}

function earliest(due: ReadonlyMap<string, number>): { readonly itemId: string; readonly at: number } | undefined {
  let found: { itemId: string; at: number } | undefined
  for (const [itemId, at] of due) if (found === undefined || at < found.at) found = { itemId, at }
  return found
}

function forgetOld(doneAt: Map<string, number>, before: number): void {
  for (const [itemId, at] of doneAt) if (at < before) doneAt.delete(itemId)
}
