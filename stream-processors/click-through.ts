import type { Impression } from '#schemas/events/derived.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { Tail } from '#schemas/ports/tail.ts'

/** Lists whose clicks are still looked for. */
const rememberedLists = 50_000
/** Places of a list that is not heard of yet: no list is longer, whatever a client says. */
const mostSlots = 100

/** Hears of what was shown and done, with the partition of the user. */
export interface ListListener {
  shown(impression: Impression, partition: number): void
  acted(event: InteractionsEvent, partition: number): void
}

/** Since the start: shown slots, and those that an interaction was attributed to, each once. */
export interface ClickThrough {
  shown(impression: Impression): void
  acted(event: InteractionsEvent): void
  /** Clicked by shown, by variant. */
  rates(): ReadonlyMap<string, number>
}

export function clickThrough(): ClickThrough {
  const lists = new Map<string, { readonly variant: string; readonly slots: number; readonly clicked: Set<number> }>()
  /** Places acted on before their list was heard of: impressions are written in batches. */
  const early = new Map<string, Set<number>>()
  const totals = new Map<string, { shown: number; clicked: number }>()

  function click(requestId: string, position: number): void {
    const list = lists.get(requestId)
    const total = list === undefined ? undefined : totals.get(list.variant)
    if (list === undefined || total === undefined || position >= list.slots || list.clicked.has(position)) return
    list.clicked.add(position)
    total.clicked++
  }

  return {
    shown({ requestId, variant, slots }) {
      remember(lists, requestId, { variant, slots: slots.length, clicked: new Set<number>() })
      const total = totals.get(variant) ?? { shown: 0, clicked: 0 }
      total.shown += slots.length
      totals.set(variant, total)
      for (const position of early.get(requestId) ?? []) click(requestId, position)
      early.delete(requestId)
    },
    acted(event) {
      if (event.type !== 'interaction' || event.attribution === null) return
      const { requestId, position } = event.attribution
      if (lists.has(requestId)) click(requestId, position)
      else if (position < mostSlots) remember(early, requestId, (early.get(requestId) ?? new Set()).add(position))
    },
    rates: () =>
      new Map(Array.from(totals, ([variant, { shown, clicked }]) => [variant, clicked / Math.max(1, shown)])),
  }
}

/** Keeps the newest entries. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value)
  const oldest = map.size > rememberedLists ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}

export interface ClickThroughTail {
  /** Counts the users on these partitions from now on, and no others: what they were shown and did is on the same one. */
  own(partitions: readonly number[]): Promise<void>
  /** Resolves once everything that was on the log when it was called has been told. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
}

/** Keeps `millrace_ctr` of what is shown and acted on from now on. */
export async function followClickThrough(options: {
  readonly tail: Tail
  readonly metrics: Metrics
  /** Owned from the start. Default: all. */
  readonly partitions?: readonly number[]
  /** Told the same, so that nothing is read and decoded twice. */
  readonly also?: readonly ListListener[]
  readonly report: (error: unknown, doing: string) => void
}): Promise<ClickThroughTail> {
  const { tail, metrics, report } = options
  const owned = options.partitions === undefined ? {} : { partitions: options.partitions }
  const clicks = clickThrough()
  const listeners = [clicks, ...(options.also ?? [])]
  const onUnreadable = (_: unknown, error: unknown) => report(error, 'reading what was shown or done')
  const tell = () => {
    for (const [variant, rate] of clicks.rates()) metrics.gauge('millrace_ctr', rate, { variant })
  }
  const impressions = await tail.follow({
    name: 'click-through of impressions',
    topic: 'impressions',
    from: 'end',
    ...owned,
    apply(records) {
      for (const { event, position } of records) for (const one of listeners) one.shown(event, position.partition)
      tell()
    },
    onUnreadable,
  })
  const interactions = await tail.follow({
    name: 'click-through of interactions',
    topic: 'interactions',
    from: 'end',
    ...owned,
    apply(records) {
      for (const { event, position } of records) for (const one of listeners) one.acted(event, position.partition)
      tell()
    },
    onUnreadable,
  })
  for (const { ended } of [impressions, interactions]) {
    ended.catch((error: unknown) => report(error, 'measuring the click-through'))
  }
  return {
    async own(partitions) {
      await Promise.all([impressions.own(partitions), interactions.own(partitions)])
    },
    async caughtUp() {
      await Promise.all([impressions.caughtUp(), interactions.caughtUp()])
    },
    async stop() {
      await Promise.all([impressions.stop(), interactions.stop()])
    },
  }
}
