import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { atOnce, type InPieces } from '../in-pieces.ts'
import { decodingSections, encodeSections, unreadable } from './binary-sections.ts'
import type { TopLists } from './model.ts'
import { namesInHeader } from './name-sections.ts'

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
  const header = {
    version,
    users: [...users.keys()],
    categories: [...categories.keys()],
    itemIds: [...numbers.keys()],
  }
  return encodeSections('mr-lists', header, [Uint32Array.from(starts), Uint32Array.from(entries)])
}

/** Reads {@link encodeTopLists}'s bytes; throws as `decodeModel` does. */
export function decodeTopLists(bytes: Uint8Array): TopLists {
  return atOnce(decodingTopLists(bytes))
}

/** The same, a piece at a time. */
export function* decodingTopLists(bytes: Uint8Array): InPieces<TopLists> {
  const { header, sections } = yield* decodingSections('mr-lists', bytes, 2)
  yield
  if (!Value.Check(Header, header)) throw unreadable('mr-lists')
  const userIds = yield* namesInHeader(header.users)
  const itemIds = yield* namesInHeader(header.itemIds)
  const named = yield* namesInHeader(header.categories)
  if (userIds === undefined || itemIds === undefined || named === undefined) throw unreadable('mr-lists')
  const [starts, entries] = sections.map(integers)
  const lists = userIds.length + named.length
  if (starts === undefined || entries === undefined || starts.length !== lists + 1) throw unreadable('mr-lists')
  const listAt = (at: number): string[] =>
    Array.from(entries.subarray(starts[at], starts[at + 1]), (number) => {
      const itemId = itemIds[number]
      if (itemId === undefined) throw unreadable('mr-lists')
      return itemId
    })
  const users = new Map<string, readonly string[]>()
  for (const [i, userId] of userIds.entries()) {
    users.set(userId, listAt(i))
    if (i % listsOfPiece === 0) yield
  }
  const categories = new Map<string, readonly string[]>()
  for (const [i, category] of named.entries()) {
    categories.set(category, listAt(userIds.length + i))
    if (i % listsOfPiece === 0) yield
  }
  return { version: header.version, users, categories }
}

/** Of a hundred items each: a millisecond at most. */
const listsOfPiece = 200

/** The names are checked apart, a piece at a time. */
const Header = Type.Object({
  version: Type.String(),
  users: Type.Unknown(),
  categories: Type.Unknown(),
  itemIds: Type.Unknown(),
})

function integers(section: Uint8Array<ArrayBuffer>): Uint32Array {
  if (section.byteLength % 4 !== 0) throw unreadable('mr-lists')
  return new Uint32Array(section.buffer, section.byteOffset, section.byteLength / 4)
}
