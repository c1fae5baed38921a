import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Position = Type.Object({
  epoch: Type.Integer({ minimum: 0 }),
  partition: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
})

/** How rows were marked `held_out`, so that whoever judges a model fitted to the others can mark the same ones again. */
export const ExportHoldout = Type.Object({
  /** `after-positions`: the newest share of each partition. `random`: a share of each user's items. */
  kind: Type.Union([Type.Literal('after-positions'), Type.Literal('random')]),
  share: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  seed: Type.Integer({ minimum: 0 }),
})
export type ExportHoldout = Static<typeof ExportHoldout>

export const exportFormat = 'millrace-interactions-1'

/** What exported interactions are of: written beside the files, last, and handed on by whoever trains on them. */
export const ExportManifest = Type.Object({
  format: Type.Literal(exportFormat),
  /** Epoch ms. */
  createdAt: Type.Number(),
  /** Next offset of every partition of `interactions`: everything below it is in the files. */
  positions: Type.Array(Position),
  holdout: ExportHoldout,
  rows: Type.Integer({ minimum: 0 }),
  users: Type.Integer({ minimum: 0 }),
  items: Type.Integer({ minimum: 0 }),
  heldOut: Type.Integer({ minimum: 0 }),
  /** Net weights of a user on an item are capped at this size before they become confidences. */
  confidenceCap: Type.Number({ exclusiveMinimum: 0 }),
})
export type ExportManifest = Static<typeof ExportManifest>

export function isExportManifest(value: unknown): value is ExportManifest {
  return Value.Check(ExportManifest, value)
}
