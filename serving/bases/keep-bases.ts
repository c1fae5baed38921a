import { randomUUID } from 'node:crypto'
import { MillraceError } from '#schemas/errors.ts'
import type { AnnouncedBase } from '#schemas/events/derived.ts'
import type { ItemBase } from '#schemas/bases/manifests.ts'
import type { ModelLife } from '#schemas/models/model-life.ts'
import type { HeldLease } from '#schemas/ports/lease.ts'
import type { IndexBase } from '#schemas/ports/vector-index.ts'
import type { ServingPorts } from '../ports.ts'
import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import type { StreamingVectors } from '../read-model/streaming-vectors.ts'
import { baseSweeper } from './base-sweeper.ts'
import { writeGraphBase } from './graph-base.ts'
import { pacer } from './pace.ts'
import { writeItemBase } from './write-item-base.ts'

export interface KeepBasesOptions extends Pick<
  ServingPorts,
  'rows' | 'blobs' | 'leases' | 'log' | 'codec' | 'clock' | 'metrics' | 'report'
> {
  readonly items: Items
  readonly streaming: StreamingVectors
  readonly served: () => ServedModel | undefined
  /** What `models` says, and a wait until that is all it said. */
  readonly life: () => ModelLife
  readonly lifeCaughtUp: () => Promise<void>
  /** False until everything that was on the log at the start is known. */
  readonly isReady: () => boolean
  /** When items changed last, epoch ms. */
  readonly changedAt: () => number
  /** Where the tails are; resolves once everything noticed up to there has been read. */
  readonly settledPositions: () => Promise<ItemBase['positions']>
  readonly everyMs: number
  readonly from: number
  readonly signal: AbortSignal
}

const lookEveryMs = 5_000
const afterFailureMs = 60_000
const leaseMs = 60_000
/** Share of the thread that writing may take. */
const share = 0.25

/**
 * Writes bases for instances to come: of items whenever they have changed since the last, of an index once it has one
 * that nobody wrote. Of several instances the one that holds the lease does.
 */
export async function keepBases(options: KeepBasesOptions): Promise<void> {
  const { clock, signal, report, everyMs } = options
  const owner = randomUUID()
  const sweep = baseSweeper(options)
  /** When each base of an index was first met here. */
  const metAt = new WeakMap<IndexBase, number>()

  function newest(of: AnnouncedBase['of'], name: string): AnnouncedBase | undefined {
    return options.life().bases.findLast((base) => base.of === of && base.name === name)
  }

  function areItemsDue(): boolean {
    if (options.items.slots.size() < options.from) return false
    const last = newest('items', options.rows)
    return last === undefined || (clock.now() - last.at >= everyMs && options.changedAt() > last.at)
  }

  function graphDue(): { readonly version: string; readonly base: IndexBase } | undefined {
    const model = options.served()
    const base = model?.index.base()
    if (model === undefined || base === undefined || base === model.restored) return undefined
    const met = metAt.get(base) ?? clock.now()
    metAt.set(base, met)
    const last = newest('graph', model.version)
    const isDue = last === undefined || (last.at < met && clock.now() - last.at >= everyMs)
    return isDue ? { version: model.version, base } : undefined
  }

  async function write(held: HeldLease): Promise<void> {
    await options.lifeCaughtUp()
    const pace = underLease(held)
    if (areItemsDue()) {
      const at = clock.now()
      const positions = await options.settledPositions()
      await announce({
        of: 'items',
        name: options.rows,
        blob: await writeItemBase({ ...options, positions, pace }),
        at,
      })
    }
    const due = graphDue()
    if (due !== undefined) {
      const at = clock.now()
      await announce({ of: 'graph', name: due.version, blob: await writeGraphBase({ ...options, ...due, pace }), at })
    }
    await options.lifeCaughtUp()
    await sweep()
  }

  async function announce(base: AnnouncedBase): Promise<void> {
    const value = options.codec.encodeEvent('models', { type: 'base', ...base })
    await options.log.append('models', [{ key: '', value }])
    options.metrics.count('millrace_bases_written_total', 1, { of: base.of })
  }

  /** The pace of writing, which ends when the lease is lost. */
  function underLease(held: HeldLease): () => Promise<void> {
    const pace = pacer({ clock, share, signal })
    let renewed = clock.now()
    return async () => {
      await pace()
      if (clock.now() - renewed < leaseMs / 3) return
      renewed = clock.now()
      if (!(await held.renew())) throw new MillraceError('lease-lost', 'Another instance writes the bases')
    }
  }

  async function round(): Promise<void> {
    if (!options.isReady() || !(areItemsDue() || graphDue() !== undefined)) return
    const held = await options.leases.acquire(`bases-${options.rows}`, owner, leaseMs)
    if (held === undefined) return
    try {
      await write(held)
    } finally {
      await held.release()
    }
  }

  while (!signal.aborted) {
    let pauseMs = Math.min(lookEveryMs, everyMs)
    try {
      await round()
    } catch (error) {
      if (!signal.aborted) report(error, 'writing a base')
      pauseMs = Math.min(afterFailureMs, everyMs)
    }
    await clock.sleep(pauseMs, signal)
  }
}
