import type { LearnedRanker, ModelEvent } from '#schemas/events/derived.ts'
import {
  defaultJoinSettings,
  impressionJoin,
  type ImpressionJoin,
  type JoinSettings,
} from '#schemas/models/impression-join.ts'
import { blankModelLife, foldModelLife } from '#schemas/models/model-life.ts'
import { learnList, listAsServed } from '#schemas/models/ranked-list.ts'
import { decodeRanker } from '#schemas/models/ranker-blob.ts'
import { copyOf, rankerDimension, type Ranker } from '#schemas/models/ranker.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { Tail } from '#schemas/ports/tail.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { ListListener } from './click-through.ts'

export interface RankerLearnerOptions {
  readonly tail: Tail
  readonly log: Pick<EventLog, 'append' | 'partitions'>
  readonly codec: Codec
  readonly clock: Clock
  readonly registry: Pick<ModelRegistry, 'get'>
  readonly blobs: Pick<BlobStore, 'get'>
  readonly settings: FoldSettings
  readonly join?: JoinSettings
  /** Between two looks at which lists' windows have ended. */
  readonly everyMs?: number
  readonly report: (error: unknown, doing: string) => void
}

export interface RankerLearner extends ListListener {
  /** Forgets what the users on other partitions were shown. */
  own(partitions: readonly number[]): void
  /** Learns at once from every list told whose window has ended, and says what it learned. */
  learn(): Promise<void>
  stop(): Promise<void>
}

const defaultEveryMs = 10_000

/** Of all partitions together, some 10 kB each: with more the learners see a sample. */
const mostOpen = 20_000

/**
 * impressions, interactions → learned-rankers: the ranker of the model in service goes on learning, by the fold of the refit,
 * from lists as their join window ends. Each partition of users has a learner of its own, whose state goes to the topic, so
 * that whoever takes the partition over goes on from there. A cache: lists of the time between two owners are not learned.
 */
export async function startRankerLearner(options: RankerLearnerOptions): Promise<RankerLearner> {
  const { tail, clock, codec, log, settings, report, everyMs = defaultEveryMs } = options
  const join = options.join ?? {
    ...defaultJoinSettings,
    mostOpen: Math.ceil(mostOpen / log.partitions('impressions')),
  }
  const joins = new Map<number, ImpressionJoin>()
  const learners = new Map<number, { readonly ranker: Ranker; changed: boolean }>()
  const said = new Map<number, LearnedRanker>()
  const stopping = new AbortController()
  let life = blankModelLife
  let current: { readonly version: string; readonly refitted: Ranker | undefined } | undefined

  async function takeModels(events: readonly ModelEvent[]): Promise<void> {
    for (const event of events) life = foldModelLife(life, event)
    const version = life.serving?.version
    if (version === undefined || version === current?.version) return
    try {
      const manifest = await options.registry.get(version)
      const bytes = manifest?.ranker === undefined ? undefined : await options.blobs.get(manifest.ranker)
      current = { version, refitted: bytes === undefined ? undefined : decodeRanker(bytes) }
      learners.clear()
    } catch (error) {
      report(error, `loading the ranker of model ${version}`)
    }
  }

  function joinOf(partition: number): ImpressionJoin {
    const known = joins.get(partition) ?? impressionJoin(settings, join)
    joins.set(partition, known)
    return known
  }

  function learnerOf(partition: number, version: string, refitted: Ranker) {
    const known = learners.get(partition)
    if (known !== undefined) return known
    const before = said.get(partition)
    const resumes = before?.modelVersion === version && before.z.length === rankerDimension
    const ranker = resumes ? resumedFrom(refitted, before) : copyOf(refitted)
    const learner = { ranker, changed: false }
    learners.set(partition, learner)
    return learner
  }

  async function learn(): Promise<void> {
    const { version, refitted } = current ?? { version: '', refitted: undefined }
    for (const [partition, joining] of joins) {
      const closed = joining.closed(clock.now())
      if (refitted === undefined) continue
      for (const one of closed) {
        const list = one.impression.modelVersion === version ? listAsServed(one) : undefined
        if (list === undefined) continue
        const learner = learnerOf(partition, version, refitted)
        learnList(learner.ranker, list)
        learner.changed = true
      }
    }
    if (refitted !== undefined) await tell(version, refitted)
  }

  async function tell(modelVersion: string, refitted: Ranker): Promise<void> {
    const records = []
    for (const [partition, learner] of learners) {
      if (!learner.changed) continue
      learner.changed = false
      const { state, examples } = learner.ranker
      const event: LearnedRanker = {
        type: 'learned-ranker',
        modelVersion,
        partition,
        examples: examples - refitted.examples,
        z: [...state.z],
        n: [...state.n],
        at: clock.now(),
      }
      records.push({ key: String(partition), value: codec.encodeEvent('learned-rankers', event) })
    }
    if (records.length === 0) return
    try {
      await log.append('learned-rankers', records)
    } catch (error) {
      for (const learner of learners.values()) learner.changed = true
      throw error
    }
  }

  async function learnOrReport(): Promise<void> {
    try {
      await learn()
    } catch (error) {
      report(error, 'learning from lists')
    }
  }

  const onUnreadable = (_: unknown, error: unknown) => report(error, 'reading what rankers learned')
  const models = await tail.follow({
    name: 'ranker of models',
    topic: 'models',
    from: 'start',
    apply: (records) => takeModels(records.map(({ event }) => event)),
    onUnreadable,
  })
  const others = await tail.follow({
    name: 'ranker of learners',
    topic: 'learned-rankers',
    from: 'start',
    apply(records) {
      for (const { event } of records) said.set(event.partition, event)
    },
    onUnreadable,
  })
  await Promise.all([models.caughtUp(), others.caughtUp()])
  for (const { ended } of [models, others]) {
    ended.catch((error: unknown) => report(error, 'following what the ranker learns from'))
  }
  const running = run()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(everyMs, stopping.signal)
      if (!stopping.signal.aborted) await learnOrReport()
    }
  }

  return {
    shown: (impression, partition) => joinOf(partition).shown(impression),
    acted: (event, partition) => joinOf(partition).acted(event),
    own(partitions) {
      for (const partition of Array.from(joins.keys())) {
        if (partitions.includes(partition)) continue
        joins.delete(partition)
        learners.delete(partition)
      }
    },
    async learn() {
      await models.caughtUp()
      await learn()
    },
    async stop() {
      stopping.abort()
      await Promise.all([models.stop(), others.stop(), running])
    },
  }
}

function resumedFrom(refitted: Ranker, { z, n, examples }: LearnedRanker): Ranker {
  const state = { z: Float64Array.from(z), n: Float64Array.from(n) }
  return { settings: refitted.settings, state, examples: refitted.examples + examples }
}
