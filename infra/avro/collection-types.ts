import avro from 'avsc'
import { readBlock, tapType, unwritable, type Tap } from './tap.ts'

/** Arrays, whose count is checked against the bytes there are before anything is read. */
export class ListType extends avro.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = tapType(this.itemsType)
    const values: unknown[] = []
    for (let count = readBlock(tap); count > 0; count = readBlock(tap)) {
      for (let i = 0; i < count; i++) values.push(items._read(tap))
    }
    return values
  }
}

/** A `Map` as an array of records of `key` and `value`, in insertion order. */
export class MapType extends avro.types.ArrayType {
  _read(tap: Tap): Map<unknown, unknown> {
    const items = tapType<{ key: unknown; value: unknown }>(this.itemsType)
    const map = new Map<unknown, unknown>()
    for (let count = readBlock(tap); count > 0; count = readBlock(tap)) {
      for (let i = 0; i < count; i++) {
        const entry = items._read(tap)
        map.set(entry.key, entry.value)
      }
    }
    return map
  }

  _write(tap: Tap, map: unknown): void {
    if (!(map instanceof Map)) throw unwritable('not a Map')
    const items = tapType(this.itemsType)
    if (map.size > 0) tap.writeLong(map.size)
    for (const [key, value] of map) items._write(tap, { key, value })
    tap.writeLong(0)
  }
}

/** Objects as Avro maps, in the objects' own order; a key may have any name, `__proto__` included. */
export class DictionaryType extends avro.types.MapType {
  _read(tap: Tap): Record<string, unknown> {
    const values = tapType(this.valuesType)
    const entries: Record<string, unknown> = {}
    for (let count = readBlock(tap); count > 0; count = readBlock(tap)) {
      for (let i = 0; i < count; i++) {
        const key = tap.readString() ?? ''
        const value = values._read(tap)
        if (key === '__proto__') {
          Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true })
        } else entries[key] = value
      }
    }
    return entries
  }
}
