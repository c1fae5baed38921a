import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { decodeSections, encodeSections, unreadable } from '../models/binary-sections.ts'

/** What serving knows of an item, by the item's number in its base. */
export interface BaseItem {
  /** The catalogue row as the codec writes it; undefined for an item outside the catalogue. */
  readonly entry: Uint8Array | undefined
  /** Its deletion was seen. */
  readonly deleted: boolean
  readonly statistics: BaseStatistics | undefined
}

/** Statistics merged over source partitions. */
export interface BaseStatistics {
  readonly time: number
  readonly fast: number
  readonly slow: number
  readonly total: number
  /** What came just before it, the most frequent first: numbers of items, and how often, which stops at 2³² − 1. */
  readonly coViews: { readonly items: Uint32Array; readonly counts: Uint32Array }
}

export interface ItemFrame {
  /** Number of the first item; the others follow on it. */
  readonly first: number
  readonly items: readonly BaseItem[]
}

/** Some items of a base as bytes: equal frames give equal bytes. */
export function encodeItemFrame({ first, items }: ItemFrame): Uint8Array {
  const lengths = Uint32Array.from(items, ({ entry }) => entry?.length ?? 0)
  const entries = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  const flags = new Uint8Array(items.length)
  const numbers = new Float64Array(4 * items.length)
  const starts = new Uint32Array(items.length + 1)
  for (const [i, { statistics }] of items.entries()) {
    starts[i + 1] = starts[i]! + (statistics?.coViews.items.length ?? 0)
  }
  const others = new Uint32Array(starts[items.length]!)
  const counts = new Uint32Array(starts[items.length]!)
  let at = 0
  for (const [i, { entry, deleted, statistics }] of items.entries()) {
    if (entry !== undefined) entries.set(entry, at)
    at += lengths[i]!
    flags[i] =
      (deleted ? isDeleted : 0) | (statistics === undefined ? 0 : hasStatistics) | (entry === undefined ? 0 : hasEntry)
    if (statistics === undefined) continue
    numbers.set([statistics.time, statistics.fast, statistics.slow, statistics.total], 4 * i)
    others.set(statistics.coViews.items, starts[i])
    counts.set(statistics.coViews.counts, starts[i])
  }
  const header: Header = { first, count: items.length }
  return encodeSections('mr-items', header, [lengths, entries, flags, numbers, starts, others, counts])
}

/** Reads {@link encodeItemFrame}'s bytes; entries are views of it. Throws as `decodeModel` does. */
export function decodeItemFrame(bytes: Uint8Array): ItemFrame {
  const { header, sections } = decodeSections('mr-items', bytes, 7)
  if (!Value.Check(Header, header)) throw unreadable('mr-items')
  const { first, count } = header
  const lengths = integers(sections[0]!, count)
  const entries = sections[1]!
  const flags = sections[2]!
  const numbers = doubles(sections[3]!, 4 * count)
  const starts = integers(sections[4]!, count + 1)
  const others = integers(sections[5]!, starts[count]!)
  const counts = integers(sections[6]!, starts[count]!)
  let at = 0
  const items = Array.from({ length: count }, (_, i): BaseItem => {
    const entry = entries.subarray(at, (at += lengths[i]!))
    const flag = flags[i] ?? 0
    return {
      entry: (flag & hasEntry) === 0 ? undefined : entry,
      deleted: (flag & isDeleted) !== 0,
      statistics: (flag & hasStatistics) === 0 ? undefined : statisticsAt(i),
    }
  })
  if (flags.length !== count || at !== entries.length) throw unreadable('mr-items')
  return { first, items }

  function statisticsAt(i: number): BaseStatistics {
    const [from, to] = [starts[i]!, starts[i + 1]!]
    const coViews = { items: others.subarray(from, to), counts: counts.subarray(from, to) }
    const at = 4 * i
    return { time: numbers[at]!, fast: numbers[at + 1]!, slow: numbers[at + 2]!, total: numbers[at + 3]!, coViews }
  }
}

const isDeleted = 1
const hasStatistics = 2
const hasEntry = 4

const Header = Type.Object({ first: Type.Integer({ minimum: 0 }), count: Type.Integer({ minimum: 0 }) })
type Header = Static<typeof Header>

function integers(section: Uint8Array<ArrayBuffer>, length: number): Uint32Array {
  if (section.byteLength !== 4 * length) throw unreadable('mr-items')
  return new Uint32Array(section.buffer, section.byteOffset, length)
}

function doubles(section: Uint8Array<ArrayBuffer>, length: number): Float64Array {
  if (section.byteLength !== 8 * length) throw unreadable('mr-items')
  return new Float64Array(section.buffer, section.byteOffset, length)
}
