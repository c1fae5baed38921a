import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { ImportMark } from '#schemas/rows/user-rows.ts'
import type { ImportedInteraction } from './imported-events.ts'
import type { SendBatch } from './send-batch.ts'

/** Which events of a batch are certainly counted already. False for one that may not be. */
export type Recognise<E> = (events: readonly E[]) => Promise<readonly boolean[]>

/**
 * Recognises the lines of earlier imports by the marks in rows: a mark stands for every line of its key up to its
 * sequence, since lines go out in order. A row lags behind the log, so a line may be missed, and the fold counts it once all the same. Each key is
 * read once a batch.
 */
export function rowRecogniser<E extends { readonly source: string; readonly sequence: number }>(options: {
  readonly keyOf: (event: E) => string
  readonly marks: (key: string) => Promise<readonly ImportMark[]>
}): Recognise<E> {
  return async (events) => {
    const keys = [...new Set(events.map(options.keyOf))]
    const read = await Promise.all(keys.map(async (key) => [key, await options.marks(key)] as const))
    const marks = new Map(read)
    return events.map((event) => {
      const mark = marks.get(options.keyOf(event))?.find((known) => known.source === event.source)
      return mark !== undefined && event.sequence <= mark.sequence
    })
  }
}

/** {@link rowRecogniser} on the heads of users. */
export function headRecogniser(features: Pick<FeatureStore, 'user'>): Recognise<ImportedInteraction> {
  return rowRecogniser({
    keyOf: (event) => event.userId,
    marks: async (userId) => (await features.user(userId))?.head.imports ?? [],
  })
}

/** Sends only what is not known, and says of the rest that it is a duplicate. */
export function sendUnknown<E>(send: SendBatch<E>, recognise: Recognise<E>): SendBatch<E> {
  return async (events) => {
    const known = await recognise(events)
    const places = events.flatMap((_event, place) => (known[place] === true ? [] : [place]))
    const skipped = events.length - places.length
    if (places.length === 0) return { accepted: 0, duplicates: skipped, rejected: [] }
    const answer = await send(places.map((place) => events[place]!))
    return {
      accepted: answer.accepted,
      duplicates: answer.duplicates + skipped,
      rejected: answer.rejected.map((rejected) => ({ ...rejected, index: places[rejected.index]! })),
    }
  }
}
