/** Avro's own JSON for a schema. */
export type AvroJson =
  | string
  | number
  | boolean
  | null
  | readonly AvroJson[]
  | { readonly [attribute: string]: AvroJson | undefined }

declare const shape: unique symbol

/** An Avro schema that knows, for the compiler only, the TypeScript shape its values have. */
export interface AvroSchema<Shape> {
  readonly json: AvroJson
  /** What a reader puts where an older writer had no such field. */
  readonly initial?: AvroJson
  readonly [shape]?: Shape
}

type ShapeOf<S> = S extends AvroSchema<infer Shape> ? Shape : never

export const text: AvroSchema<string> = { json: 'string' }
/** Safe integers. */
export const long: AvroSchema<number> = { json: 'long' }
export const double: AvroSchema<number> = { json: 'double' }
export const boolean: AvroSchema<boolean> = { json: 'boolean' }
export const bytes: AvroSchema<Uint8Array> = { json: 'bytes' }
/** Little-endian float32s. */
export const floats: AvroSchema<Float32Array> = { json: { type: 'bytes', logicalType: 'float32-array' } }
/** A string, number or boolean. */
export const scalar: AvroSchema<string | number | boolean> = { json: ['string', 'double', 'boolean'] }

export function nullable<Shape>(schema: AvroSchema<Shape>): AvroSchema<Shape | null> {
  return { json: ['null', schema.json] }
}

export function list<Shape>(items: AvroSchema<Shape>): AvroSchema<Shape[]> {
  return { json: { type: 'array', items: items.json } }
}

export function dictionary<Shape>(values: AvroSchema<Shape>): AvroSchema<Record<string, Shape>> {
  return { json: { type: 'map', values: values.json } }
}

/** A `Map` of records as an array of records of `key` and `value`, in insertion order. */
export function mapOf<Key, Value extends object>(
  name: string,
  key: AvroSchema<Key>,
  fields: { readonly [Field in keyof Value]: AvroSchema<Value[Field]> },
): AvroSchema<Map<Key, Value>> {
  return {
    json: {
      type: 'array',
      items: record(`${name}Entry`, { key, value: record(name, fields) }).json,
      logicalType: 'map',
    },
  }
}

/** One of a fixed list of words, as an enum. Avro forbids dashes in symbols: they are written as underscores. */
export function oneOf<const Word extends string>(name: string, words: readonly Word[]): AvroSchema<Word> {
  return { json: { type: 'enum', name, symbols: words.map((word) => word.replaceAll('-', '_')) } }
}

/** One of a list of words that may grow without a new schema version, as a string; an unknown word is unreadable. */
export function wordOf<Word extends string>(words: readonly Word[]): AvroSchema<Word> {
  return { json: { type: 'string', logicalType: 'word', words } }
}

export function record<Fields extends Readonly<Record<string, AvroSchema<unknown>>>>(
  name: string,
  fields: Fields,
): AvroSchema<{ [Field in keyof Fields]: ShapeOf<Fields[Field]> }> {
  return {
    json: {
      type: 'record',
      name,
      fields: Object.entries(fields).map(([field, { json, initial }]) =>
        initial === undefined ? { name: field, type: json } : { name: field, type: json, default: initial },
      ),
    },
  }
}

/** A union of records told apart by their field `type`, which each writes as an enum of one symbol. */
export function eitherOf<const Records extends readonly AvroSchema<{ type: string }>[]>(
  ...records: Records
): AvroSchema<ShapeOf<Records[number]>> {
  return { json: records.map((schema) => schema.json) }
}

/** A field that older versions do not have. */
export function since<Shape>(schema: AvroSchema<Shape>, initial: AvroJson & Shape): AvroSchema<Shape> {
  return { ...schema, initial }
}
