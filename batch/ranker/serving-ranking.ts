import { decodeModel } from '#schemas/models/model-blob.ts'
import { decodeRanker } from '#schemas/models/ranker-blob.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import { readModelLife, type ModelTopic } from '../model-topic.ts'
import type { ServingRanking } from './fit-ranker.ts'

/** The model in service and what ranks with it; undefined before the first, and where it is no longer to be read. */
export async function servingRanking(
  shelf: ModelTopic & { readonly registry: Pick<ModelRegistry, 'get'>; readonly blobs: Pick<BlobStore, 'get'> },
): Promise<ServingRanking | undefined> {
  const { serving } = await readModelLife(shelf)
  const manifest = serving === undefined ? undefined : await shelf.registry.get(serving.version)
  const bytes = manifest === undefined ? undefined : await shelf.blobs.get(manifest.blob)
  if (manifest === undefined || bytes === undefined) return undefined
  const ranker = manifest.ranker === undefined ? undefined : await shelf.blobs.get(manifest.ranker)
  return {
    model: decodeModel(bytes),
    ranker: ranker === undefined ? undefined : decodeRanker(ranker),
    createdAt: manifest.createdAt,
  }
}
