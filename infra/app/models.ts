import { readModelLife } from '#batch/model-topic.ts'
import { rollback } from '#batch/publish.ts'
import type { ModelSummary } from '#schemas/api/operations.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { ModelManifest } from '#schemas/ports/model-registry.ts'
import type { Parts } from './parts.ts'
import { generationOf } from './training.ts'

/** Every model of the registry, newest first. */
export async function listModels(parts: Parts): Promise<ModelSummary[]> {
  const [{ serving, published }, manifests] = await Promise.all([readModelLife(parts), parts.registry.list()])
  return manifests.map(({ version, createdAt, interactions, metrics }) => ({
    version,
    state: version === serving?.version ? 'serving' : published.includes(version) ? 'published' : 'unpublished',
    createdAt: new Date(createdAt).toISOString(),
    interactions,
    'ndcg@10': metrics['ndcg@10'] ?? null,
  }))
}

/** Throws `model-unknown`. */
export async function modelManifest({ registry }: Parts, version: string): Promise<ModelManifest> {
  const manifest = await registry.get(version)
  if (manifest === undefined)
    throw new MillraceError('model-unknown', `There is no model ${version}.`, { facts: { version } })
  return manifest
}

/** Serves the model before this one again, or the given version; returns which. Throws `model-unknown`. */
export async function rollBack(parts: Parts, version: string | undefined): Promise<string> {
  const served = await rollback(parts, {
    ...(version !== undefined && { version }),
    generationOf: (older) => generationOf(parts.rows, older),
  })
  return served.version
}
