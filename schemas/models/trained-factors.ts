import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { MillraceError } from '../errors.ts'
import { gramian } from '../math/gramian.ts'
import { ExportManifest } from './interaction-export.ts'
import { plainContent } from './content-features.ts'
import type { Model } from './model.ts'

const FittedPart = Type.Object({
  users: Type.Integer({ minimum: 1 }),
  /** Pairs of a user and an item that it was fitted to. */
  interactions: Type.Integer({ minimum: 1 }),
  /** XᵀX of the user factors, k × k row-major. */
  userGramian: Type.Array(Type.Number()),
})

export const factorsFormat = 'millrace-factors-1'

/** What a trainer elsewhere says of the item factors it fitted to exported interactions. */
export const FactorsManifest = Type.Object({
  format: Type.Literal(factorsFormat),
  /** Program and version, for people. */
  trainer: Type.String({ minLength: 1, maxLength: 200 }),
  k: Type.Integer({ minimum: 4, maximum: 256 }),
  /** How users are folded in; also what the next training fits in this model's stead, to be judged against. */
  alpha0: Type.Number({ minimum: 0 }),
  lambda: Type.Number({ minimum: 0 }),
  nu: Type.Number({ minimum: 0, maximum: 1 }),
  weightExponent: Type.Number({ minimum: 0 }),
  halfLifeDays: Type.Number({ minimum: 0 }),
  iterations: Type.Integer({ minimum: 1 }),
  seed: Type.Integer(),
  seconds: Type.Number({ minimum: 0 }),
  /** The manifest of the export, as it was. */
  export: ExportManifest,
  /** Fitted to the rows that are not held out: what the gate judges. */
  trial: FittedPart,
  /** Fitted to all rows: what is published. */
  full: FittedPart,
})
export type FactorsManifest = Static<typeof FactorsManifest>

export interface ItemFactors {
  readonly itemIds: readonly string[]
  /** items × k, row-major. */
  readonly vectors: Float32Array
}

/** One model that was fitted elsewhere twice: without and with what is held out. */
export interface TrainedFactors {
  readonly manifest: FactorsManifest
  readonly trial: ItemFactors
  readonly full: ItemFactors
}

/** Throws `invalid-input`, saying of which field. */
export function checkedFactorsManifest(value: unknown): FactorsManifest {
  if (Value.Check(FactorsManifest, value)) return value
  const [first] = Value.Errors(FactorsManifest, value)
  throw unfit(`its manifest${first?.instancePath ?? ''} ${first?.message ?? 'is not as it should be'}`)
}

/** Throws `invalid-input` for ids twice, vectors of another length, and values that are no numbers. */
export function refuseUnfitFactors({ manifest, ...fitted }: TrainedFactors): void {
  for (const part of ['trial', 'full'] as const) {
    const { itemIds, vectors } = fitted[part]
    if (itemIds.length < 2 || new Set(itemIds).size !== itemIds.length) {
      throw unfit(`${part} needs two items at least, each once`)
    }
    if (vectors.length !== itemIds.length * manifest.k) throw unfit(`the vectors of ${part} are not items × k numbers`)
    if (manifest[part].userGramian.length !== manifest.k ** 2) throw unfit(`userGramian of ${part} is not k × k`)
    if (!vectors.every(Number.isFinite) || !manifest[part].userGramian.every(Number.isFinite)) {
      throw unfit(`${part} holds a value that is no finite number`)
    }
  }
}

function unfit(reason: string): MillraceError {
  return new MillraceError('invalid-input', `the factors cannot be imported: ${reason}`)
}

/** One of the two as a model, whose users are folded in as any. `countOf`: training interactions of an item. */
export function modelOfFactors(
  factors: TrainedFactors,
  part: 'trial' | 'full',
  { version, countOf }: { readonly version: string; readonly countOf: (itemId: string) => number },
): Model {
  const { k, alpha0, lambda, nu, weightExponent, halfLifeDays } = factors.manifest
  const { itemIds, vectors } = factors[part]
  const { users, userGramian } = factors.manifest[part]
  const items = itemIds.length
  return {
    version,
    k,
    alpha0,
    lambda,
    nu,
    weightExponent,
    halfLifeDays,
    items,
    users,
    itemIds,
    gramian: gramian({ rows: items, k, data: vectors }),
    userGramian: Float64Array.from(userGramian),
    itemFactors: vectors,
    itemCounts: Uint32Array.from(itemIds, countOf),
    content: new Float32Array(0),
    contentSpace: plainContent,
    profile: new Float32Array(0),
  }
}
