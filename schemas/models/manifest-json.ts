import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { MillraceError } from '../errors.ts'
import type { ModelManifest } from '../ports/model-registry.ts'

const manifest = Type.Object({
  version: Type.String(),
  createdAt: Type.Number(),
  settings: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
  metrics: Type.Record(Type.String(), Type.Number()),
  blob: Type.String(),
  lists: Type.String(),
  ranker: Type.Optional(Type.String()),
  encoder: Type.Optional(Type.String()),
  positions: Type.Array(Type.Object({ epoch: Type.Integer(), partition: Type.Integer(), offset: Type.Integer() })),
  users: Type.Integer(),
  items: Type.Integer(),
  interactions: Type.Integer(),
  seconds: Type.Number(),
  content: Type.Optional(
    Type.Object({
      items: Type.Integer(),
      terms: Type.Integer(),
      termExponent: Type.Optional(Type.Number()),
      lambda: Type.Optional(Type.Number()),
      embedding: Type.Optional(Type.Object({ name: Type.String(), dimension: Type.Integer() })),
    }),
  ),
  profiles: Type.Optional(Type.Object({ users: Type.Integer(), terms: Type.Integer() })),
})

export function manifestToJson(model: ModelManifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(model, undefined, 2)}\n`)
}

/** Throws `store-failed` naming the file or the object when it does not hold a manifest. */
export function manifestFromJson(path: string, text: string): ModelManifest {
  const value = parsed(path, text)
  if (Value.Check(manifest, value)) return value
  throw new MillraceError('store-failed', `${path} does not hold a model manifest`, { facts: { path } })
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MillraceError('store-failed', `${path} is not JSON`, { cause, facts: { path } })
  }
}
