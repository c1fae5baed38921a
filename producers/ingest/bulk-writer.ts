import { setImmediate } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import type { BulkAnswer, Rejection } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { bodyElements } from './body-elements.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { WriteEvents } from './event-writer.ts'
import type { RecentIds } from './recent-ids.ts'
import type { RawElements } from './rejection.ts'
import { withBody } from './request-body.ts'

export interface BodyLimits {
  readonly maxBytes: number
  readonly budget: ByteBudget
}

export interface BulkWriterOptions {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly maxElements: number
  readonly bodies: BodyLimits
  readonly write: WriteEvents
  readonly recent: RecentIds
}

export interface Judged<T extends 'interactions' | 'items'> {
  readonly events: readonly EventOf[T][]
  readonly rejected: readonly Rejection[]
}

/** What a bulk route writes, and how it judges what it is sent. */
export interface BulkKind<T extends 'interactions' | 'items'> {
  readonly topic: T
  readonly accept: (raw: RawElements, now: number) => Judged<T>
  readonly keyOf: (event: EventOf[T]) => string
}

export type WriteBulk = <T extends 'interactions' | 'items'>(
  request: FastifyRequest,
  kind: BulkKind<T>,
) => Promise<BulkAnswer>

/**
 * Reads a bulk request, appends what is valid in it and resolves with its answer once that is durable. A recognised
 * repeat is appended like any other: only the fold knows for certain. Throws `invalid-input` with every rejection when
 * nothing was valid.
 */
export function bulkWriter(options: BulkWriterOptions): WriteBulk {
  const { clock, metrics, bodies, maxElements, write, recent } = options
  return (request, { topic, accept, keyOf }) =>
    withBody(request.raw, bodies, async (body) => {
      const raw = bodyElements(body, request.headers['content-type'], maxElements)
      const { events, rejected } = await judgeAll(raw, accept, clock.now())
      count(metrics, 'rejected', rejected.length)
      if (events.length === 0) throw nothingAccepted(rejected)
      const position = await write(topic, events, keyOf)
      let duplicates = 0
      for (const event of events) {
        if (recent.has(keyOf(event), event.id)) duplicates++
        else recent.add(keyOf(event), event.id)
      }
      const accepted = events.length - duplicates
      count(metrics, 'accepted', accepted)
      count(metrics, 'duplicate', duplicates)
      return { accepted, duplicates, rejected, position }
    })
}

/** Elements judged before others have their turn: a refusal takes some ten times as long as an acceptance. */
const judgedAtOnce = 200

/** Judges a few at a time, so that no request makes all others wait for it. */
async function judgeAll<T extends 'interactions' | 'items'>(
  raw: RawElements,
  accept: BulkKind<T>['accept'],
  now: number,
): Promise<{ readonly events: EventOf[T][]; readonly rejected: Rejection[] }> {
  const events: EventOf[T][] = []
  const rejected: Rejection[] = []
  for (let first = 0; first < raw.length; first += judgedAtOnce) {
    if (first > 0) await setImmediate()
    const judged = accept(raw.slice(first, first + judgedAtOnce), now)
    events.push(...judged.events)
    for (const each of judged.rejected) rejected.push({ ...each, index: first + each.index })
  }
  return { events, rejected }
}

function count(metrics: Metrics, outcome: string, by: number): void {
  if (by > 0) metrics.count('millrace_ingest_events_total', by, { outcome })
}

function nothingAccepted(rejected: readonly Rejection[]): MillraceError {
  const first = rejected[0]
  const what = rejected.length === 1 ? 'It was rejected' : `All ${rejected.length} elements were rejected; the first`
  return new MillraceError('invalid-input', `${what}: ${first?.message ?? ''}.`, {
    facts: { rejected, ...(first === undefined ? {} : { field: first.field }) },
  })
}
