import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'
import {
  checkedFactorsManifest,
  refuseUnfitFactors,
  type ItemFactors,
  type TrainedFactors,
} from '#schemas/models/trained-factors.ts'

/** Names in the folder; `items` and `vectors` stand in `trial` and in `full`. */
export const factorFiles = { manifest: 'manifest.json', items: 'items.json', vectors: 'vectors.f32' } as const

/**
 * Reads factors that were fitted elsewhere: the manifest, and of each of its two parts the item ids as a JSON array and
 * their vectors in that order, float32, little-endian. Throws `invalid-input` naming what is missing or not as it should be.
 */
export async function readTrainedFactors(folder: string): Promise<TrainedFactors> {
  const manifest = checkedFactorsManifest(await jsonOf(join(folder, factorFiles.manifest)))
  const [trial, full] = await Promise.all([partOf(join(folder, 'trial')), partOf(join(folder, 'full'))])
  const factors = { manifest, trial, full }
  refuseUnfitFactors(factors)
  return factors
}

async function partOf(folder: string): Promise<ItemFactors> {
  const [ids, vectors] = [join(folder, factorFiles.items), join(folder, factorFiles.vectors)]
  const itemIds = await jsonOf(ids)
  if (!Array.isArray(itemIds) || !itemIds.every((itemId) => typeof itemId === 'string' && itemId !== '')) {
    throw invalid(ids, 'must be an array of item ids')
  }
  const bytes = await bytesOf(vectors)
  if (bytes.byteLength % 4 !== 0) throw invalid(vectors, 'must hold float32 numbers')
  return { itemIds, vectors: new Float32Array(Uint8Array.from(bytes).buffer) }
}

async function jsonOf(path: string): Promise<unknown> {
  const bytes = await bytesOf(path)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw invalid(path, 'is not JSON', cause)
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw invalid(path, 'cannot be read', cause)
  }
}

function invalid(path: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('invalid-input', `${path} ${reason}`, { cause, facts: { path } })
}
