import { MillraceError } from '#schemas/errors.ts'
import { encodeTopLists } from '#schemas/models/lists-blob.ts'
import { encodeModel } from '#schemas/models/model-blob.ts'
import { encodeRanker } from '#schemas/models/ranker-blob.ts'
import type { Ranker } from '#schemas/models/ranker.ts'
import type { ServedModel } from '#schemas/models/model-life.ts'
import type { Model, TopLists } from '#schemas/models/model.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { ModelManifest, ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { Position } from '#schemas/position.ts'
import { readModelLife, sayOfModels, type ModelTopic } from './model-topic.ts'

export interface ModelShelf extends ModelTopic {
  readonly registry: ModelRegistry
  readonly blobs: BlobStore
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Stores the blobs, then the manifest, then says `published`: whoever hears of a version can read all of it. Nothing is
 * served differently until {@link switchTo}.
 */
export async function publishModel(
  shelf: ModelShelf,
  options: {
    readonly run: string
    readonly model: Model
    readonly lists: TopLists
    /** Undefined: the fixed blend ranks. */
    readonly ranker?: Ranker | undefined
    /** Digest of a blob that is stored; undefined for a model of our own. */
    readonly encoder?: string
    readonly facts: Omit<ModelManifest, 'version' | 'blob' | 'lists' | 'ranker' | 'encoder'>
  },
): Promise<ModelManifest> {
  const { run, model, lists, ranker, encoder, facts } = options
  const manifest = {
    ...facts,
    version: model.version,
    blob: await shelf.blobs.put(encodeModel(model)),
    lists: await shelf.blobs.put(encodeTopLists(lists)),
    ...(ranker !== undefined && { ranker: await shelf.blobs.put(encodeRanker(ranker)) }),
    ...(encoder !== undefined && { encoder }),
  }
  await shelf.registry.add(manifest)
  await sayOfModels(shelf, { type: 'published', run, version: model.version, at: shelf.clock.now() })
  return manifest
}

/**
 * Says that the caches of a generation are built, then that it is served once a server has caught up to `positions`. The
 * generation served until now stays ready for a rollback; the one before it is retired.
 */
export async function switchTo(
  shelf: ModelTopic & Pick<ModelShelf, 'clock'>,
  options: ServedModel & { readonly positions: readonly Position[]; readonly reason: string },
): Promise<void> {
  const { version, generation, positions, reason } = options
  const { serving, previous } = await readModelLife(shelf)
  const at = shelf.clock.now()
  await sayOfModels(shelf, { type: 'ready', version, generation, positions, at })
  await sayOfModels(shelf, { type: 'switched', version, generation, at, reason })
  const isKept = (model: ServedModel) =>
    [serving, options].some((kept) => kept?.version === model.version && kept.generation === model.generation)
  if (previous !== undefined && !isKept(previous)) await sayOfModels(shelf, { type: 'retired', ...previous, at })
}

/**
 * Serves an older model again: the one served before, or a version that was ever published. Throws `model-unknown` when
 * there is none such.
 */
export async function rollback(
  shelf: ModelTopic & Pick<ModelShelf, 'clock' | 'registry'>,
  options: { readonly version?: string; readonly generationOf?: (version: string) => string } = {},
): Promise<ServedModel> {
  const { previous, published } = await readModelLife(shelf)
  const version = options.version ?? previous?.version
  const manifest = version !== undefined && published.includes(version) ? await shelf.registry.get(version) : undefined
  if (version === undefined || manifest === undefined) {
    throw new MillraceError('model-unknown', 'no such model to go back to', { facts: { version, published } })
  }
  const generation = options.generationOf?.(version) ?? version
  await switchTo(shelf, { version, generation, positions: manifest.positions, reason: 'rollback' })
  return { version, generation }
}
