import type { EventOf } from '#schemas/events/by-topic.ts'
import type { FoldAt } from '#schemas/fold/rows.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { foldItem, foldProfile } from '#schemas/fold/catalogue.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import type { UserOutcome } from '#schemas/fold/user-fold.ts'
import { tableNames } from '#schemas/rows/tables.ts'
import type { FoldSettings } from '#schemas/settings.ts'

/** Bytes of every row by its name. */
export type RowBytes = ReadonlyMap<string, Uint8Array>

export interface FoldFromZeroOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly settings: FoldSettings
  /** Called with each event of `interactions` in the order of its partition. */
  readonly note?: (event: EventOf['interactions'], outcome: UserOutcome, at: FoldAt) => void
}

const sources = ['interactions', 'items', 'profiles'] as const

/** The straight fold of the whole log on plain maps: no runtime, no batches, no store. What has no user or item id is passed over. */
export async function foldFromZero({ log, codec, settings, note }: FoldFromZeroOptions): Promise<RowBytes> {
  const rows = mapRows()

  function fold(topic: (typeof sources)[number], bytes: Uint8Array, place: Omit<FoldAt, 'acceptedAt'>): void {
    switch (topic) {
      case 'interactions': {
        const event = codec.decodeEvent(topic, bytes)
        if (event.id === '' || event.userId === '') return
        const at = { ...place, acceptedAt: event.acceptedAt }
        const outcome = foldInteractions(rows, event, at, settings)
        note?.(event, outcome, at)
        return
      }
      case 'items': {
        const event = codec.decodeEvent(topic, bytes)
        foldItem(rows, event, { ...place, acceptedAt: event.acceptedAt })
        return
      }
      case 'profiles': {
        const event = codec.decodeEvent(topic, bytes)
        foldProfile(rows, event, { ...place, acceptedAt: event.acceptedAt })
      }
    }
  }

  for (const topic of sources) {
    for (const { epoch, partition, start } of await log.bounds(topic)) {
      for await (const records of log.read(topic, { epoch, partition, offset: start })) {
        for (const { offset, value } of records) {
          try {
            fold(topic, value, { epoch, partition, offset })
          } catch (error) {
            if (!isMillraceError(error, 'record-unreadable')) throw error
          }
        }
      }
    }
  }
  return new Map(Array.from(rows.encoded(codec), ({ key, bytes }) => [nameOf(key.table, key.key, key.part), bytes]))
}

/** Every row that a store holds. */
export async function storedRows(store: StateStore): Promise<RowBytes> {
  const found = new Map<string, Uint8Array>()
  for (const table of tableNames) {
    for await (const page of store.scan(table)) {
      for (const { key, part, bytes } of page) found.set(nameOf(table, key, part), Uint8Array.from(bytes))
    }
  }
  return found
}

/** Names of the rows that are not in both, byte for byte. */
export function differingRows(a: RowBytes, b: RowBytes): string[] {
  const names = new Set([...a.keys(), ...b.keys()])
  return [...names].filter((name) => {
    const [inA, inB] = [a.get(name), b.get(name)]
    return inA === undefined || inB === undefined || Buffer.compare(inA, inB) !== 0
  })
}

function nameOf(table: string, key: string, part: number): string {
  return `${table} ${key} ${part}`
}
