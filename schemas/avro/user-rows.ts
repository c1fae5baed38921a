import { guard } from './guard.ts'
import { boolean, double, list, long, mapOf, nullable, record, text } from './schema.ts'

const historyEntry = record('HistoryEntry', {
  id: text,
  itemId: text,
  action: text,
  value: nullable(double),
  occurredAt: long,
  acceptedAt: long,
  clock: long,
  offset: long,
  filed: boolean,
})

export const userHeadsV1 = record('UserHead', {
  ...guard,
  clock: long,
  applied: long,
  count: long,
  erasedAt: long,
  sessionId: nullable(text),
  sessionStartedAt: long,
  sessionLastAt: long,
  sessionCount: long,
  actionCounts: list(record('HeadActionCount', { action: text, count: long })),
  recent: list(historyEntry),
  idDays: list(long),
  imports: list(record('ImportMark', { source: text, sequence: long })),
  mended: list(record('MendedMark', { source: text, sequence: long })),
  adopted: list(record('AdoptMark', { guestId: text, guestOffset: long })),
})

export const userChunksV1 = record('UserChunk', { ...guard, index: long, entries: list(historyEntry) })

/** Hashes are 53-bit integers: doubles hold them exactly and are as short as a long of that size. */
export const userIdsV1 = record('UserIds', { ...guard, ids: mapOf('FiledId', double, { offset: long, clock: long }) })
