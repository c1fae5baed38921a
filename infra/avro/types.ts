import avro from 'avsc'
import type { AvroJson } from '#schemas/avro/schema.ts'
import { BytesType, FloatsType } from './bytes-types.ts'
import { DictionaryType, ListType, MapType } from './collection-types.ts'
import { LongType } from './long-type.ts'
import { SymbolType, TextType, wordType } from './text-types.ts'
import { TaggedUnionType } from './union-type.ts'

/**
 * The avsc type of a schema, with values in the shapes our types have: plain objects, `Map`, `Float32Array`, unions as
 * bare records. The bytes are standard Avro binary throughout.
 */
export function avroType(json: AvroJson): avro.Type {
  return avro.Type.forSchema(schemaOf(json), { omitRecordMethods: true, typeHook: ownType })
}

function schemaOf(json: AvroJson): avro.Schema {
  return JSON.parse(JSON.stringify(json))
}

/** avsc asks here for the type of every part of a schema; undefined leaves the part to avsc. */
function ownType(schema: avro.Schema, options: avro.ForSchemaOptions): avro.Type | undefined {
  if (schema === 'string') return new TextType()
  if (schema === 'long') return new LongType()
  if (schema === 'bytes') return new BytesType()
  if (Array.isArray(schema)) return schema.every(isRecord) ? new TaggedUnionType(schema, options) : undefined
  if (!isPart(schema)) return undefined
  switch (schema.type) {
    case 'string':
      return schema.words === undefined ? undefined : wordType(schema.words)
    case 'bytes':
      return schema.logicalType === 'float32-array' ? new FloatsType() : undefined
    case 'array':
      return schema.logicalType === 'map' ? new MapType(schema, options) : new ListType(schema, options)
    case 'map':
      return new DictionaryType(schema, options)
    case 'enum':
      return new SymbolType(schema, options)
    case 'record':
      return recordType(schema, options)
    default:
      return undefined
  }
}

/** Records become plain objects: avsc would give each record class a prototype of its own. */
function recordType(schema: avro.Schema, options: avro.ForSchemaOptions): avro.Type {
  const type = new avro.types.RecordType(schema, options)
  const constructor: { prototype: object } = type.recordConstructor
  constructor.prototype = Object.prototype
  return type
}

interface Part {
  readonly type: string
  readonly logicalType?: string
  readonly words?: readonly string[]
}

function isPart(schema: unknown): schema is avro.Schema & Part {
  return typeof schema === 'object' && schema !== null && 'type' in schema && typeof schema.type === 'string'
}

function isRecord(schema: unknown): boolean {
  return isPart(schema) && schema.type === 'record'
}
