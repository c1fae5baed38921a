import { once } from 'node:events'
import type { ItemVector, Notice } from '#schemas/events/derived.ts'
import { contentVector } from '#schemas/models/content-features.ts'
import type { ServedModel as ModelName } from '#schemas/models/model-life.ts'
import type { ItemBase } from '#schemas/bases/manifests.ts'
import type { Tailing } from '#schemas/ports/tail.ts'
import { findGraphBase } from '../bases/graph-base.ts'
import { keepBases } from '../bases/keep-bases.ts'
import { findItemBase, loadItemBase } from '../bases/read-item-base.ts'
import type { ServingOptions } from '../options.ts'
import type { ServingPorts } from '../ports.ts'
import { embeddings as ownVectors, type Embeddings } from './embeddings.ts'
import { beginHearing, heardNotices } from './heard-notices.ts'
import { itemRefresh } from './item-refresh.ts'
import { items as knownItems, type Items } from './items.ts'
import { learnedWeights } from './learned-weights.ts'
import { loadModel } from './load-model.ts'
import { mergeStatistics } from './merged-statistics.ts'
import { models } from './models.ts'
import { serveModel, type ServedModel } from './served-model.ts'
import { streamingVectors } from './streaming-vectors.ts'
import { userRows, type UserRows } from './user-rows.ts'

/** What an instance knows in memory: folds of notices and models over what the rows said at the start. */
export interface ReadModel {
  readonly items: Items
  readonly embeddings: Embeddings
  readonly users: UserRows
  served(): ServedModel | undefined
  /** Weights of the ranker that goes with a model; undefined where the fixed blend ranks. */
  ranker(model: ServedModel | undefined): Float64Array | undefined
  /** Whether user notices are being followed: only then may a cached row be taken for current. */
  isFollowingUsers(): boolean
  /** Why it cannot serve yet; empty once it can. */
  reasons(): string[]
  /** Resolves once everything that was on the log when it was called is in what is served. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
  /** Rejects when it can no longer follow the log: what it knows gets older from then on. Resolves after `stop`. */
  readonly ended: Promise<void>
}

/** Some 250 items a second; a batch takes a few milliseconds, which answers wait for. */
const refreshBatch = 16
const refreshPauseMs = 60

export async function startReadModel(ports: ServingPorts, options: ServingOptions): Promise<ReadModel> {
  const { features, tail, clock, metrics, report } = ports
  const items = knownItems(options.settings)
  const { partitions } = ports.log
  const copies = options.freshOnly ? 0 : options.rememberedNotices
  const heard = copies === 0 ? undefined : heardNotices({ capacity: copies, partitions: partitions('interactions') })
  const users = userRows({
    features,
    capacity: options.freshOnly ? 0 : options.cachedRows,
    metrics,
    ...(heard !== undefined && { heard }),
  })
  const streaming = streamingVectors()
  const learned = learnedWeights()
  const life = models({ load, streaming, clock, metrics, report })
  const statistics = itemRefresh({ read: readStatistics, batch: refreshBatch, pauseMs: refreshPauseMs, clock, report })
  const entries = itemRefresh({ read: readEntry, batch: refreshBatch, pauseMs: 0, clock, report })
  const failures: string[] = []
  const loaded = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  // Whoever cares about the end sees the failure; until then it is not an unhandled one.
  end.promise.catch(() => {})
  let isFollowingUsers = true
  let isLoaded = false
  let isCaughtUp = false
  /** When items or their streaming vectors changed last. */
  let changedAt = 0
  const stopping = new AbortController()
  const isStopped = () => stopping.signal.aborted
  /** Rejects then. What waits for the log could wait for ever once it is no longer followed. */
  const stopped = once(stopping.signal, 'abort').then(() => stopping.signal.throwIfAborted())
  stopped.catch(() => {})

  const embeddings = ownVectors({ ...ports, isBefore: items.isBefore })
  items.onChange((slot) => {
    embeddings.set(slot, items.at(slot).entry?.item)
    life.refresh(slot)
  })
  const modelsTail = watched(
    'models',
    await tail.follow({
      name: 'serving',
      topic: 'models',
      from: 'start',
      apply: (records) => life.apply(records.map(({ event }) => event)),
      onUnreadable,
    }),
  )
  await modelsTail.caughtUp()
  const base = await findItemBase({ ...ports, bases: life.life().bases })
  // Notices from where the base ends, or from before the scans' first read on: what changes during a scan is read again.
  const tails: Record<'users' | 'items' | 'vectors' | 'rankers' | 'models', Tailing> = {
    users: watched(
      'users',
      await tail.follow({ name: 'serving', topic: 'user-notices', from: 'end', apply: noticeUsers, onUnreadable }),
    ),
    items: watched(
      'items',
      await tail.follow({
        name: 'serving',
        topic: 'item-notices',
        from: base?.positions['item-notices'] ?? 'end',
        apply: noticeItems,
        onUnreadable,
      }),
    ),
    vectors: watched(
      'vectors',
      await tail.follow({
        name: 'serving',
        topic: 'item-vectors',
        from: base?.positions['item-vectors'] ?? 'start',
        apply: takeVectors,
        onUnreadable,
      }),
    ),
    rankers: watched(
      'rankers',
      await tail.follow({
        name: 'serving',
        topic: 'learned-rankers',
        from: 'start',
        apply: (records) => learned.apply(records.map(({ event }) => event)),
        onUnreadable,
      }),
    ),
    models: modelsTail,
  }
  loadRows().then(loaded.resolve, loaded.reject)
  const started = Promise.race([loaded.promise.then(caughtUp), stopped]).then(
    () => {
      isCaughtUp = true
    },
    (error: unknown) => {
      if (isStopped()) return
      failures.push('loading the rows failed')
      report(error, 'loading the rows')
      end.reject(error)
    },
  )

  const keeping =
    options.baseEveryMs === Infinity
      ? Promise.resolve()
      : keepBases({
          ...ports,
          items,
          streaming,
          served: () => life.served(),
          life: () => life.life(),
          lifeCaughtUp: () => Promise.race([modelsTail.caughtUp(), stopped]),
          isReady: () => isCaughtUp && failures.length === 0,
          changedAt: () => changedAt,
          settledPositions,
          everyMs: options.baseEveryMs,
          from: options.baseFrom,
          signal: stopping.signal,
        })

  function watched(name: string, tailing: Tailing): Tailing {
    tailing.ended.catch((error: unknown) => {
      if (name === 'users') isFollowingUsers = false
      failures.push(`following ${name} failed`)
      report(error, `following ${name}`)
      end.reject(error)
    })
    return tailing
  }

  async function loadRows(): Promise<void> {
    if (heard !== undefined) await beginHearing(heard, ports)
    if (base === undefined || !(await isLoadedFrom(base))) await scanRows()
    embeddings.start()
    await embeddings.settled()
    isLoaded = !isStopped()
  }

  async function isLoadedFrom(known: ItemBase): Promise<boolean> {
    try {
      await loadItemBase(known, { items, streaming }, { ...ports, signal: stopping.signal })
      return true
    } catch (error) {
      if (!isStopped()) report(error, 'loading a base of items; all rows are read instead')
      return false
    }
  }

  async function scanRows(): Promise<void> {
    for await (const page of features.catalogue()) {
      if (isStopped()) return
      for (const entry of page) items.setEntry(entry.itemId, entry)
    }
    for await (const page of features.statistics()) {
      if (isStopped()) return
      for (const item of page) items.setStatistics(item.itemId, mergeStatistics(item.partial, options.settings))
    }
  }

  function noticeUsers(records: readonly { readonly event: Notice }[]): void {
    for (const { event } of records) {
      if (event.row !== 'user') continue
      users.notice(event)
      metrics.observe('millrace_freshness_seconds', Math.max(0, clock.now() - event.acceptedAt) / 1000)
    }
  }

  async function noticeItems(records: readonly { readonly event: Notice }[]): Promise<void> {
    await loaded.promise
    changedAt = clock.now()
    for (const { event } of records) (event.row === 'catalogue' ? entries : statistics).add(event.key)
  }

  function takeVectors(records: readonly { readonly event: ItemVector }[]): void {
    changedAt = clock.now()
    for (const { event } of records) life.takeVector(event)
  }

  async function readEntry(itemId: string): Promise<void> {
    items.setEntry(itemId, await features.catalogueEntry(itemId))
  }

  async function readStatistics(itemId: string): Promise<void> {
    const { partial } = await features.itemFeatures(itemId)
    items.setStatistics(itemId, mergeStatistics(partial, options.settings))
  }

  async function load(name: ModelName): Promise<ServedModel> {
    const parts = await loadModel(ports, name.version)
    await loaded.promise
    await tails.vectors.caughtUp()
    const from = await findGraphBase({ ...ports, bases: life.life().bases, version: name.version, items })
    return serveModel({ ...ports, name, ...parts, items, streaming: streaming.of(name.version), from, contentVector })
  }

  function onUnreadable(position: { readonly partition: number; readonly offset: number }, error: unknown): void {
    report(error, `reading a record at ${position.partition}/${position.offset}`)
  }

  async function caughtUp(): Promise<void> {
    await loaded.promise
    await Promise.all(Object.values(tails).map((tailing) => tailing.caughtUp()))
    await Promise.all([statistics.idle(), entries.idle(), life.settled()])
    await embeddings.settled()
  }

  /** Where the tails are, once everything noticed up to there has been read. */
  async function settledPositions(): Promise<ItemBase['positions']> {
    const positions = {
      'item-notices': [...tails.items.positions()],
      'item-vectors': [...tails.vectors.positions()],
    }
    await Promise.all([statistics.idle({ hurry: false }), entries.idle({ hurry: false })])
    return positions
  }

  return {
    items,
    embeddings,
    users,
    served: () => life.served(),
    ranker: (model) => (options.ranking === 'blend' ? undefined : learned.weights(model)),
    isFollowingUsers: () => isFollowingUsers,
    reasons() {
      const reasons = [...failures]
      if (!isLoaded) reasons.push('rows are being loaded')
      else if (!isCaughtUp) reasons.push('catching up with the log')
      const model = life.served() === undefined ? life.reason() : undefined
      return model === undefined ? reasons : [...reasons, model]
    },
    async caughtUp() {
      await caughtUp()
      await started
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(Object.values(tails).map((tailing) => tailing.stop()))
      await Promise.all([statistics.stop(), entries.stop(), life.stop(), embeddings.stop()])
      await keeping
      await started
      end.resolve()
    },
    ended: end.promise,
  }
}
