import { MillraceError } from '#schemas/errors.ts'
import type { Model, TopLists } from '#schemas/models/model.ts'
import { decodeTopLists } from '#schemas/models/lists-blob.ts'
import { decodeRanker } from '#schemas/models/ranker-blob.ts'
import type { Ranker } from '#schemas/models/ranker.ts'
import { decodeModel } from '#schemas/models/model-blob.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'

export interface LoadedModel {
  readonly model: Model
  readonly createdAt: number
  readonly lists: TopLists | undefined
  /** Undefined where the fixed blend ranks. */
  readonly ranker: Ranker | undefined
}

/** Reads a published model; its lists and its ranker are optional, its factors are not. Throws `model-unknown`. */
export async function loadModel(
  { models, blobs }: { readonly models: Pick<ModelRegistry, 'get'>; readonly blobs: Pick<BlobStore, 'get'> },
  version: string,
): Promise<LoadedModel> {
  const manifest = await models.get(version)
  if (manifest === undefined) throw unknown(version)
  const [factors, lists, ranker] = await Promise.all([
    blobs.get(manifest.blob),
    blobs.get(manifest.lists),
    manifest.ranker === undefined ? undefined : blobs.get(manifest.ranker),
  ])
  if (factors === undefined) throw unknown(version)
  return {
    model: decodeModel(factors),
    createdAt: manifest.createdAt,
    lists: lists === undefined ? undefined : decodeTopLists(lists),
    ranker: ranker === undefined ? undefined : decodeRanker(ranker),
  }
}

function unknown(version: string): MillraceError {
  return new MillraceError('model-unknown', `Model ${version} is not in the registry`, {
    retriable: true,
    facts: { version },
  })
}
