import type { Notice } from '#schemas/events/derived.ts'
import { contentVector } from '#schemas/models/content-features.ts'
import type { ServedModel as ModelName } from '#schemas/models/model-life.ts'
import type { Tailing } from '#schemas/ports/tail.ts'
import type { ServingOptions } from '../options.ts'
import type { ServingPorts } from '../ports.ts'
import { beginHearing, heardNotices } from './heard-notices.ts'
import { itemRefresh } from './item-refresh.ts'
import { items as knownItems, type Items } from './items.ts'
import { loadModel } from './load-model.ts'
import { mergeStatistics } from './merged-statistics.ts'
import { models } from './models.ts'
import { serveModel, type ServedModel } from './served-model.ts'
import { userRows, type UserRows } from './user-rows.ts'

/** What an instance knows in memory: folds of notices and models over what the rows said at the start. */
export interface ReadModel {
  readonly items: Items
  readonly users: UserRows
  served(): ServedModel | undefined
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
  const life = models({ load, clock, metrics, report })
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
  let isStopped = false

  items.onChange((slot) => life.refresh(slot))
  // Notices from before the scans' first read on: what changes during a scan is read again.
  const tails: Record<'users' | 'items' | 'vectors' | 'models', Tailing> = {
    users: await tail.follow({ name: 'serving', topic: 'user-notices', from: 'end', apply: noticeUsers, onUnreadable }),
    items: await tail.follow({ name: 'serving', topic: 'item-notices', from: 'end', apply: noticeItems, onUnreadable }),
    vectors: await tail.follow({
      name: 'serving',
      topic: 'item-vectors',
      from: 'start',
      apply: (records) => records.forEach(({ event }) => life.takeVector(event)),
      onUnreadable,
    }),
    models: await tail.follow({
      name: 'serving',
      topic: 'models',
      from: 'start',
      apply: (records) => life.apply(records.map(({ event }) => event)),
      onUnreadable,
    }),
  }
  for (const [name, { ended }] of Object.entries(tails)) {
    ended.catch((error: unknown) => {
      if (name === 'users') isFollowingUsers = false
      failures.push(`following ${name} failed`)
      report(error, `following ${name}`)
      end.reject(error)
    })
  }
  loadRows().then(loaded.resolve, loaded.reject)
  const started = loaded.promise.then(caughtUp).then(
    () => {
      isCaughtUp = true
    },
    (error: unknown) => {
      if (isStopped) return
      failures.push('loading the rows failed')
      report(error, 'loading the rows')
      end.reject(error)
    },
  )

  async function loadRows(): Promise<void> {
    if (heard !== undefined) await beginHearing(heard, ports)
    for await (const page of features.catalogue()) {
      if (isStopped) return
      for (const entry of page) items.setEntry(entry.itemId, entry)
    }
    for await (const page of features.statistics()) {
      if (isStopped) return
      for (const item of page) items.setStatistics(item.itemId, mergeStatistics(item.partial, options.settings))
    }
    isLoaded = true
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
    for (const { event } of records) (event.row === 'catalogue' ? entries : statistics).add(event.key)
  }

  async function readEntry(itemId: string): Promise<void> {
    items.setEntry(itemId, await features.catalogueEntry(itemId))
  }

  async function readStatistics(itemId: string): Promise<void> {
    const { partial } = await features.itemFeatures(itemId)
    items.setStatistics(itemId, mergeStatistics(partial, options.settings))
  }

  async function load(name: ModelName, streaming: ReadonlyMap<string, Float32Array>): Promise<ServedModel> {
    const parts = await loadModel(ports, name.version)
    await loaded.promise
    await tails.vectors.caughtUp()
    return serveModel({ name, ...parts, items, streaming, createIndex: ports.createIndex, contentVector })
  }

  function onUnreadable(position: { readonly partition: number; readonly offset: number }, error: unknown): void {
    report(error, `reading a record at ${position.partition}/${position.offset}`)
  }

  async function caughtUp(): Promise<void> {
    await loaded.promise
    await Promise.all(Object.values(tails).map((tailing) => tailing.caughtUp()))
    await Promise.all([statistics.idle(), entries.idle(), life.settled()])
  }

  return {
    items,
    users,
    served: () => life.served(),
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
      isStopped = true
      await Promise.allSettled(Object.values(tails).map((tailing) => tailing.stop()))
      await Promise.all([statistics.stop(), entries.stop(), life.stop()])
      await started
      end.resolve()
    },
    ended: end.promise,
  }
}
