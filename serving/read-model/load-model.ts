import { setImmediate } from 'node:timers/promises'
import { MillraceError } from '#schemas/errors.ts'
import { inTurns } from '#schemas/in-pieces.ts'
import type { Model, TopLists } from '#schemas/models/model.ts'
import { decodingTopLists } from '#schemas/models/lists-blob.ts'
import { decodeRanker } from '#schemas/models/ranker-blob.ts'
import type { Ranker } from '#schemas/models/ranker.ts'
import { decodingModel } from '#schemas/models/model-blob.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import { decodeEncoder } from '#schemas/models/imported-model.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { OpenUserEncoder, UserEncoder } from '#schemas/ports/user-encoder.ts'

export interface LoadedModel {
  readonly model: Model
  readonly createdAt: number
  readonly lists: TopLists | undefined
  /** Undefined where the fixed blend ranks. */
  readonly ranker: Ranker | undefined
  /** The user's side of a model trained elsewhere; undefined for our own, which folds users in. */
  readonly encoder: UserEncoder | undefined
}

/** Reads a published model, giving way to answers meanwhile; its lists and its ranker are optional, its factors are not. Throws `model-unknown`. */
export async function loadModel(
  ports: {
    readonly models: Pick<ModelRegistry, 'get'>
    readonly blobs: Pick<BlobStore, 'get'>
    readonly openEncoder?: OpenUserEncoder
  },
  version: string,
): Promise<LoadedModel> {
  const { models, blobs } = ports
  const manifest = await models.get(version)
  if (manifest === undefined) throw unknown(version)
  const [factors, lists, ranker] = await Promise.all([
    blobs.get(manifest.blob),
    blobs.get(manifest.lists),
    manifest.ranker === undefined ? undefined : blobs.get(manifest.ranker),
  ])
  if (factors === undefined) throw unknown(version)
  return {
    model: await inTurns(decodingModel(factors), setImmediate),
    createdAt: manifest.createdAt,
    lists: lists === undefined ? undefined : await inTurns(decodingTopLists(lists), setImmediate),
    ranker: ranker === undefined ? undefined : decodeRanker(ranker),
    encoder: manifest.encoder === undefined ? undefined : await encoderOf(ports, version, manifest.encoder),
  }
}

async function encoderOf(
  { blobs, openEncoder }: Parameters<typeof loadModel>[0],
  version: string,
  digest: string,
): Promise<UserEncoder> {
  if (openEncoder === undefined) {
    throw new MillraceError('tool-missing', `Model ${version} was trained elsewhere: nothing here runs its encoder`, {
      facts: { version },
    })
  }
  const bytes = await blobs.get(digest)
  if (bytes === undefined) throw unknown(version)
  const { onnx, spec } = decodeEncoder(bytes)
  return openEncoder(onnx, spec)
}

function unknown(version: string): MillraceError {
  return new MillraceError('model-unknown', `Model ${version} is not in the registry`, {
    retriable: true,
    facts: { version },
  })
}
