import avro from 'avsc'
import { tapType, unreadable, unwritable, type Tap } from './tap.ts'
import { wordOfSymbol } from './text-types.ts'

/** A union of records that each say which they are in a field `type` of one symbol; values are the bare records. */
export class TaggedUnionType extends avro.types.WrappedUnionType {
  _read(tap: Tap): unknown {
    const branch = this.types[tap.readLong()]
    if (branch === undefined) throw unreadable('unknown branch of a union')
    return tapType(branch)._read(tap)
  }

  _write(tap: Tap, value: unknown): void {
    const tag = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
    for (let index = 0; index < this.types.length; index++) {
      const branch = this.types[index]!
      if (tagOf(branch) !== tag) continue
      tap.writeLong(index)
      tapType(branch)._write(tap, value)
      return
    }
    throw unwritable(`unknown type ${String(tag)}`)
  }

  /** avsc calls it for each branch of the writer's union: the branch of that name reads it. */
  _update(
    resolver: { _read?: (tap: Tap) => unknown },
    writer: avro.Type,
    options: Partial<avro.CreateResolverOptions>,
  ): void {
    const branch = this.types.find((candidate) => candidate.name === writer.name)
    if (branch === undefined) return
    const reader = tapType(branch.createResolver(writer, options))
    resolver._read = (tap) => reader._read(tap)
  }
}

const tags = new WeakMap<avro.Type, string | undefined>()

function tagOf(branch: avro.Type): string | undefined {
  if (tags.has(branch)) return tags.get(branch)
  const type = branch instanceof avro.types.RecordType ? branch.field('type').type : undefined
  const symbol = type instanceof avro.types.EnumType ? type.symbols[0] : undefined
  const tag = symbol === undefined ? undefined : wordOfSymbol(symbol)
  tags.set(branch, tag)
  return tag
}
