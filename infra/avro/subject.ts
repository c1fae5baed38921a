import type { Resolver, Type } from 'avsc'
import type { Versions } from '#schemas/avro/versions.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { OtherSchema, WriterIdentity } from '#schemas/ports/writer-identity.ts'
import { unreadable } from './tap.ts'
import { avroType } from './types.ts'

/** What is written under one name: a topic's events or a table's rows. */
export interface Subject<Shape> {
  encode(value: Shape): Uint8Array
  decode(bytes: Uint8Array): Shape
}

/** Writes the newest version; reads every version into the newest one's shape. */
export function subject<Shape>(name: string, versions: Versions<Shape>, identity: WriterIdentity): Subject<Shape> {
  const types = versions.map((version) => avroType(version.json))
  const newest = types.at(-1)!
  const readers = types.map((type) => (type === newest ? undefined : newest.createResolver(type)))
  const others = new WeakMap<OtherSchema, Resolver | MillraceError>()

  function readerOfVersion(version: number): Resolver | undefined {
    if (types[version - 1] !== undefined) return readers[version - 1]
    throw new MillraceError('schema-unknown', `no version ${version} of ${name} is known`, {
      facts: { subject: name, version, known: types.length },
    })
  }

  function readerOfOther(schema: OtherSchema): Resolver {
    const reader = others.get(schema) ?? otherReader(name, newest, schema)
    others.set(schema, reader)
    if (reader instanceof MillraceError) throw reader
    return reader
  }

  return {
    encode(value) {
      try {
        const end = write(newest, value, identity.length)
        identity.write(name, types.length, scratch)
        return scratch.slice(0, end)
      } catch (error) {
        throw failure('invalid-input', name, 'cannot be written', error)
      }
    },
    decode(bytes) {
      const writer = identity.read(name, bytes)
      const reader = typeof writer === 'number' ? readerOfVersion(writer) : readerOfOther(writer)
      try {
        const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        const read: { value: Shape; offset: number } = newest.decode(buffer, identity.length, reader)
        if (read.offset === -1) throw unreadable('it ends too early')
        if (read.offset !== buffer.length) throw unreadable('it goes on after its end')
        return read.value
      } catch (error) {
        throw failure('record-unreadable', name, 'cannot be read', error)
      }
    },
  }
}

/** Avro's own schema resolution into today's shape, or the error of every record that was written with it. */
function otherReader(name: string, newest: Type, schema: OtherSchema): Resolver | MillraceError {
  try {
    return newest.createResolver(avroType(schema.json))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new MillraceError(schema.unfit, `a record of ${name} has a schema that cannot be read as ours: ${why}`, {
      cause,
      facts: { subject: name },
    })
  }
}

/** Written to and copied from in one go: encoding never interleaves. */
let scratch = new Uint8Array(65_536)
let scratchBuffer = Buffer.from(scratch.buffer)

function write(type: Type, value: unknown, start: number): number {
  let end = type.encode(value, scratchBuffer, start)
  if (end < 0) {
    scratch = new Uint8Array(2 * (scratch.length - end))
    scratchBuffer = Buffer.from(scratch.buffer)
    end = type.encode(value, scratchBuffer, start)
  }
  return end
}

function failure(
  code: 'invalid-input' | 'record-unreadable',
  name: string,
  what: string,
  cause: unknown,
): MillraceError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError(code, `a record of ${name} ${what}: ${why}`, { cause, facts: { subject: name } })
}
