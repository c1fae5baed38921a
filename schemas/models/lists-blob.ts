import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { decodeSections, encodeSections, unreadable } from './binary-sections.ts'
import type { TopLists } from './model.ts'

/** Lists as bytes: item ids once, lists as rows of their numbers. Equal lists in equal order give equal bytes. */
export function encodeTopLists({ version, users, categories }: TopLists): Uint8Array {
  const numbers = new Map<string, number>()
  const starts: number[] = [0]
  const entries: number[] = []
  for (const list of [...users.values(), ...categories.values()]) {
    for (const itemId of list) {
      const number = numbers.get(itemId) ?? numbers.size
      numbers.set(itemId, number)
      entries.push(number)
    }
    starts.push(entries.length)
  }
  const header: Header = {
    version,
    users: [...users.keys()],
    categories: [...categories.keys()],
    itemIds: [...numbers.keys()],
  }
  return encodeSections('mr-lists', header, [Uint32Array.from(starts), Uint32Array.from(entries)])
}

/** Reads {@link encodeTopLists}'s bytes; throws as `decodeModel` does. */
export function decodeTopLists(bytes: Uint8Array): TopLists {
  const { header, sections } = decodeSections('mr-lists', bytes, 2)
  if (!Value.Check(Header, header)) throw unreadable('mr-lists')
  const [starts, entries] = sections.map(integers)
  const lists = header.users.length + header.categories.length
  if (starts === undefined || entries === undefined || starts.length !== lists + 1) throw unreadable('mr-lists')
  const listAt = (at: number): string[] =>
    Array.from(entries.subarray(starts[at], starts[at + 1]), (number) => {
      const itemId = header.itemIds[number]
      if (itemId === undefined) throw unreadable('mr-lists')
      return itemId
    })
  return {
    version: header.version,
    users: new Map(header.users.map((userId, i) => [userId, listAt(i)])),
    categories: new Map(header.categories.map((category, i) => [category, listAt(header.users.length + i)])),
  }
}

const Header = Type.Object({
  version: Type.String(),
  users: Type.Array(Type.String()),
  categories: Type.Array(Type.String()),
  itemIds: Type.Array(Type.String()),
})
type Header = Static<typeof Header>

function integers(section: Uint8Array<ArrayBuffer>): Uint32Array {
  if (section.byteLength % 4 !== 0) throw unreadable('mr-lists')
  return new Uint32Array(section.buffer, section.byteOffset, section.byteLength / 4)
}
