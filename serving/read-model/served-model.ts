import { setImmediate } from 'node:timers/promises'
import { inTurns, type InPieces } from '#schemas/in-pieces.ts'
import type { Model, TopLists } from '#schemas/models/model.ts'
import type { Ranker } from '#schemas/models/ranker.ts'
import { encodedHistory } from '#schemas/models/imported-model.ts'
import type { TimedInteraction } from '#schemas/models/preference.ts'
import { workspace } from '#schemas/math/workspace.ts'
import type { UserEncoder } from '#schemas/ports/user-encoder.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { ServedModel as ModelName } from '#schemas/models/model-life.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import type { CreateVectorIndex, IndexBase, VectorIndex } from '#schemas/ports/vector-index.ts'
import type { Items } from './items.ts'
import { slotNeighbours, type SlotNeighbours } from './slot-neighbours.ts'
import { slotVectors, type SlotVectors } from './slot-vectors.ts'

/** A model in use here: its vectors by slot and the index of what may be served. Answers hold on to one throughout. */
export interface ServedModel extends ModelName {
  readonly model: Model
  readonly createdAt: number
  readonly lists: TopLists | undefined
  /** As the last refit left it; undefined where the fixed blend ranks. */
  readonly ranker: Ranker | undefined
  /** The vector of a user under a model trained elsewhere; undefined for our own, which folds users in. */
  readonly encode: ((history: readonly TimedInteraction[], settings: FoldSettings) => Promise<Float32Array>) | undefined
  readonly vectors: SlotVectors
  /** Undefined for a model without. */
  readonly neighbours: SlotNeighbours | undefined
  readonly index: VectorIndex
  /** The base of the index, where it came from the blob store; undefined where it was built here. */
  readonly restored: IndexBase | undefined
  /** Training interactions of the item; 0 outside the model. */
  trainedOn(slot: number): number
  /** Takes a streaming vector; ignored for an item with enough training interactions. */
  setStreaming(itemId: string, vector: Float32Array): void
  /** Brings vector and index in line with what the item has become. */
  refresh(slot: number): void
  /** Lets go of the index and, where there is one, of the encoder. */
  close(): Promise<void>
}

/** Items with at least this many training interactions keep their trained vector. */
export const settledFrom = 50

/** Rows looked at, and items made vectors of their content, before answers get their turn: a millisecond or so. */
const [rowsOfPiece, contentOfPiece] = [1_000, 16]

/**
 * Builds vectors and index of a model aside, from the items known now, giving way to answers all along. What changes from
 * the call on is the caller's to bring in once it has the model.
 */
export async function serveModel(options: {
  readonly name: ModelName
  readonly model: Model
  readonly createdAt: number
  readonly lists: TopLists | undefined
  readonly ranker: Ranker | undefined
  readonly encoder: UserEncoder | undefined
  readonly items: Items
  readonly streaming: ReadonlyMap<string, Float32Array>
  readonly createIndex: CreateVectorIndex
  /** A base of an index over this model, to begin with. */
  readonly from: IndexBase | undefined
  readonly report: (error: unknown, doing: string) => void
  readonly contentVector: (model: Model, item: Item) => Float32Array
}): Promise<ServedModel> {
  const { name, model, items, contentVector } = options
  const { k } = model
  const counts = new Map<number, number>()
  const streamed = new Set<number>()
  const slotOfRow = new Uint32Array(model.itemIds.length)
  await inTurns(naming(), setImmediate)
  const vectors = slotVectors(k, items.slots.size() + 1024)
  const { index, restored } = await openIndex(options, { dimension: k, ...(await inTurns(filling(), setImmediate)) })

  /** Gives every item of the model its slot. */
  function* naming(): InPieces<void> {
    for (const [row, itemId] of model.itemIds.entries()) {
      const { slot } = items.obtain(itemId)
      slotOfRow[row] = slot
      counts.set(slot, model.itemCounts[row] ?? 0)
      if (row % rowsOfPiece === rowsOfPiece - 1) yield
    }
  }

  /** Fills the vectors, and copies those of what may be served. */
  function* filling(): InPieces<{ slots: Uint32Array; vectors: Float32Array }> {
    for (const [row, slot] of slotOfRow.entries()) {
      vectors.set(slot, model.itemFactors.subarray(row * k, (row + 1) * k))
      if (row % rowsOfPiece === rowsOfPiece - 1) yield
    }
    let taken = 0
    for (const [itemId, vector] of options.streaming) {
      takeStreaming(itemId, vector)
      if (++taken % rowsOfPiece === 0) yield
    }
    const servable: number[] = []
    let made = 0
    for (let slot = 0; slot < items.slots.size(); slot++) {
      if (fillFromContent(slot) && ++made % contentOfPiece === 0) yield
      if (belongs(slot)) servable.push(slot)
      if (slot % rowsOfPiece === rowsOfPiece - 1) yield
    }
    const rows = workspace().floats(servable.length * k)
    for (const [row, slot] of servable.entries()) {
      rows.set(vectors.get(slot)!, row * k)
      if (row % rowsOfPiece === rowsOfPiece - 1) yield
    }
    return { slots: Uint32Array.from(servable), vectors: rows }
  }

  function takeStreaming(itemId: string, vector: Float32Array): number | undefined {
    const { slot } = items.obtain(itemId)
    if ((counts.get(slot) ?? 0) >= settledFrom || vector.length !== k) return undefined
    vectors.set(slot, vector)
    streamed.add(slot)
    return slot
  }

  /** An item outside the model counts with its content vector until a streaming one comes. Says whether it made one. */
  function fillFromContent(slot: number): boolean {
    if (counts.has(slot) || streamed.has(slot)) return false
    const entry = items.at(slot).entry
    if (entry !== undefined) vectors.set(slot, contentVector(model, entry.item))
    return entry !== undefined
  }

  function belongs(slot: number): boolean {
    return vectors.has(slot) && items.isServable(slot)
  }

  function place(slot: number): void {
    if (belongs(slot)) index.upsert(slot, vectors.get(slot)!.slice())
    else index.remove(slot)
  }

  return {
    ...name,
    model,
    createdAt: options.createdAt,
    lists: options.lists,
    ranker: options.ranker,
    encode: options.encoder === undefined ? undefined : encodeWith(options.encoder, model),
    vectors,
    neighbours: model.neighbours === undefined ? undefined : slotNeighbours(model.neighbours, slotOfRow),
    index,
    restored,
    trainedOn: (slot) => counts.get(slot) ?? 0,
    setStreaming(itemId, vector) {
      const slot = takeStreaming(itemId, vector)
      if (slot !== undefined) place(slot)
    },
    refresh(slot) {
      const before = counts.has(slot) || streamed.has(slot)
      if (!before) fillFromContent(slot)
      place(slot)
    },
    async close() {
      await index.close()
      await options.encoder?.close()
    },
  }
}

function encodeWith(encoder: UserEncoder, model: Model): NonNullable<ServedModel['encode']> {
  const rows = new Map(model.itemIds.map((itemId, row) => [itemId, row]))
  return (history, settings) => encoder.encode(encodedHistory(history, settings, model, (itemId) => rows.get(itemId)))
}

type First = Omit<Parameters<CreateVectorIndex>[0], 'from'>

async function openIndex(
  { createIndex, from, report }: Pick<Parameters<typeof serveModel>[0], 'createIndex' | 'from' | 'report'>,
  first: First,
): Promise<Pick<ServedModel, 'index' | 'restored'>> {
  if (from !== undefined) {
    try {
      const index = await createIndex({ ...first, from })
      const base = index.base()
      return { index, restored: base?.format === from.format ? base : undefined }
    } catch (error) {
      report(error, 'reading the base of an index; it is built instead')
    }
  }
  return { index: await createIndex(first), restored: undefined }
}
