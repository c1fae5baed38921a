import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { atOnce, type InPieces } from '../in-pieces.ts'
import { decodingSections, encodeSections, unreadable } from './binary-sections.ts'
import { contentColumns, termBuckets } from './content-features.ts'
import type { SparseRows } from '../ports/solver.ts'
import type { Model } from './model.ts'
import { namesInHeader, namesInSections, nameSections } from './name-sections.ts'
import { plainConfidence } from './preference.ts'
import { profileColumns } from './profile-features.ts'

/** A model as bytes: equal models give equal bytes. */
export function encodeModel(model: Model): Uint8Array {
  const { version, k, alpha0, lambda, nu, items, users, itemIds, weightExponent, halfLifeDays } = model
  const numbers = { k, alpha0, lambda, nu, items, users, weightExponent, halfLifeDays }
  const { gramian, userGramian, itemFactors, itemCounts, content, profile } = model
  const { termWeights, embedding } = model.contentSpace
  const header: Header = { version, ...numbers, ...(embedding !== null && { embedding }) }
  const named = nameSections(itemIds)
  const { starts, indices, values } = model.neighbours ?? noRows
  const weights = [starts, indices, values]
  const sections = [gramian, userGramian, itemFactors, itemCounts, content, termWeights, profile, ...named, ...weights]
  return encodeSections('mr-model', header, sections)
}

/**
 * Reads {@link encodeModel}'s bytes, which nobody may change from then on. Throws `record-unreadable` when they are cut or changed, `format-unsupported` when
 * they are of a format that this release does not know.
 */
export function decodeModel(bytes: Uint8Array): Model {
  return atOnce(decodingModel(bytes))
}

/** The same, a piece at a time. */
export function* decodingModel(bytes: Uint8Array): InPieces<Model> {
  const { header, sections } = yield* decodingSections('mr-model', bytes, sectionCounts, { inPlace: true })
  if (!Value.Check(Header, header)) throw unreadable('mr-model')
  const { embedding = null, itemIds: listed, ...facts } = header
  const { k } = facts
  const [gramian, userGramian, itemFactors, itemCounts, content, termWeights = none, profile = none] = sections
  const [starts, text, ...weights] = sections.slice(7)
  const itemIds =
    starts === undefined || text === undefined
      ? yield* namesInHeader(listed)
      : yield* namesInSections(new Uint32Array(...within(starts, 4)), text)
  if (itemIds === undefined) throw unreadable('mr-model')
  const contentSpace = { termWeights: new Float32Array(...within(termWeights, 4)), embedding }
  const model: Model = {
    ...plainConfidence,
    ...facts,
    itemIds,
    contentSpace,
    gramian: new Float64Array(...within(gramian, 8)),
    userGramian: new Float64Array(...within(userGramian, 8)),
    itemFactors: new Float32Array(...within(itemFactors, 4)),
    itemCounts: new Uint32Array(...within(itemCounts, 4)),
    content: new Float32Array(...within(content, 4)),
    neighbours: neighboursIn(weights, itemIds.length),
    profile: new Float32Array(...within(profile, 4)),
  }
  const fits =
    model.gramian.length === k * k &&
    model.userGramian.length === k * k &&
    model.itemFactors.length === itemIds.length * k &&
    model.itemCounts.length === itemIds.length &&
    [0, contentColumns(contentSpace) * k].includes(model.content.length) &&
    [0, profileColumns * k].includes(model.profile.length) &&
    [0, termBuckets].includes(contentSpace.termWeights.length)
  if (!fits) throw unreadable('mr-model')
  return model
}

/**
 * Models made before terms were weighed and profiles fitted have 5 sections; those of 7 or less name their items in the
 * header; those of 9 or less have no neighbours.
 */
const sectionCounts = [5, 7, 9, 12]
const none = new Uint8Array(0)
const noRows = { starts: new Uint32Array(0), indices: new Uint32Array(0), values: new Float32Array(0) }

function neighboursIn(sections: readonly Uint8Array<ArrayBuffer>[], count: number): SparseRows | undefined {
  if (sections.length === 0 || sections[0]!.byteLength === 0) return undefined
  const starts = new Uint32Array(...within(sections[0], 4))
  const indices = new Uint32Array(...within(sections[1], 4))
  const values = new Float32Array(...within(sections[2], 4))
  const fits = starts.length === count + 1 && starts[count] === indices.length && indices.length === values.length
  if (!fits) throw unreadable('mr-model')
  return { rows: count, columns: count, starts, indices, values }
}

const Header = Type.Object({
  version: Type.String(),
  k: Type.Integer({ minimum: 1 }),
  alpha0: Type.Number(),
  lambda: Type.Number(),
  nu: Type.Number(),
  items: Type.Integer({ minimum: 0 }),
  users: Type.Integer({ minimum: 0 }),
  /** Of models that name their items here: checked apart, a piece at a time. */
  itemIds: Type.Optional(Type.Unknown()),
  // Models made before there were shapes of confidence have none.
  weightExponent: Type.Optional(Type.Number()),
  halfLifeDays: Type.Optional(Type.Number()),
  embedding: Type.Optional(Type.Object({ name: Type.String(), dimension: Type.Integer({ minimum: 1 }) })),
})
type Header = Static<typeof Header>

/** Arguments of a typed array over a section. */
function within(
  section: Uint8Array<ArrayBuffer> | undefined,
  width: number,
): [buffer: ArrayBuffer, start: number, length: number] {
  if (section === undefined || section.byteLength % width !== 0) throw unreadable('mr-model')
  return [section.buffer, section.byteOffset, section.byteLength / width]
}
