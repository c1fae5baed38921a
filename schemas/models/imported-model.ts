import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { MillraceError } from '../errors.ts'
import type { EncodedItem, EncoderSpec } from '../ports/user-encoder.ts'
import type { FoldSettings } from '../settings.ts'
import { decodeSections, encodeSections, unreadable } from './binary-sections.ts'
import { shapedPreferences, type ConfidenceShape, type TimedInteraction } from './preference.ts'

/** What whoever trained a model elsewhere says of it, as JSON beside its files. */
export const ImportManifest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9._-]+$' }),
    trainedTo: Type.String({ description: 'ISO time up to which it has seen events: it is judged on those after' }),
    k: Type.Integer({ minimum: 1, maximum: 1_024, description: 'length of every vector' }),
    input: Type.Object({
      name: Type.String({ minLength: 1 }),
      kind: Type.Union([Type.Literal('bag'), Type.Literal('sequence')]),
      length: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'places of a sequence' })),
    }),
    output: Type.Object({ name: Type.String({ minLength: 1 }) }),
  },
  { additionalProperties: false },
)
export type ImportManifest = Static<typeof ImportManifest>

/** A model trained elsewhere, whole. */
export interface ImportedModel {
  readonly manifest: ImportManifest
  readonly itemIds: readonly string[]
  /** items × k, row-major. */
  readonly itemVectors: Float32Array
  /** The user's side in ONNX. */
  readonly encoder: Uint8Array
}

/** Throws `invalid-input` naming what does not fit: the manifest, the time, the items, the vectors. */
export function refuseMisshapen({ manifest, itemIds, itemVectors }: ImportedModel): void {
  const refuse = (reason: string, facts: object = {}) => {
    throw new MillraceError('invalid-input', `the model cannot be imported: ${reason}`, { facts: { ...facts } })
  }
  if (!Value.Check(ImportManifest, manifest)) {
    const [first] = Value.Errors(ImportManifest, manifest)
    refuse(`manifest${first?.instancePath ?? ''} ${first?.message ?? 'is not as it should be'}`)
  }
  if (!Number.isFinite(Date.parse(manifest.trainedTo))) refuse('trainedTo is no ISO time')
  if (manifest.input.kind === 'sequence' && manifest.input.length === undefined) refuse('a sequence needs input.length')
  if (itemIds.length < 2 || new Set(itemIds).size !== itemIds.length) refuse('it needs two items at least, each once')
  const expected = itemIds.length * manifest.k
  if (itemVectors.length !== expected)
    refuse('items times k is not the number of floats', { expected, found: itemVectors.length })
  if (!itemVectors.every(Number.isFinite)) refuse('a vector holds what is no finite number')
}

export function specOf({ manifest, itemIds }: Pick<ImportedModel, 'manifest' | 'itemIds'>): EncoderSpec {
  const { input, output, k } = manifest
  const length = input.length ?? 0
  return { input: input.name, kind: input.kind, length, output: output.name, items: itemIds.length, k }
}

/** What an encoder is told of a history: items of the model by first appearance, with their weights. */
export function encodedHistory(
  history: readonly TimedInteraction[],
  settings: FoldSettings,
  shape: ConfidenceShape,
  rowOf: (itemId: string) => number | undefined,
): EncodedItem[] {
  const items: EncodedItem[] = []
  for (const [itemId, weight] of shapedPreferences(history, settings, shape)) {
    const row = rowOf(itemId)
    if (row !== undefined) items.push({ row, weight })
  }
  return items
}

export interface StoredEncoder {
  readonly spec: EncoderSpec
  readonly onnx: Uint8Array
}

export function encodeEncoder({ spec, onnx }: StoredEncoder): Uint8Array {
  return encodeSections('mr-coder', spec, [onnx])
}

/** Throws as `decodeSections`. */
export function decodeEncoder(bytes: Uint8Array): StoredEncoder {
  const { header, sections } = decodeSections('mr-coder', bytes, 1)
  const [onnx] = sections
  if (!Value.Check(Spec, header) || onnx === undefined) throw unreadable('mr-coder')
  return { spec: header, onnx }
}

const Spec = Type.Object({
  input: Type.String(),
  kind: Type.Union([Type.Literal('bag'), Type.Literal('sequence')]),
  length: Type.Integer(),
  output: Type.String(),
  items: Type.Integer(),
  k: Type.Integer(),
})
