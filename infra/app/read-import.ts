import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { MillraceError } from '#schemas/errors.ts'
import { ImportManifest, type ImportedModel } from '#schemas/models/imported-model.ts'

/** Files of a folder that holds a model trained elsewhere. */
export const importFiles = {
  manifest: 'manifest.json',
  items: 'items.json',
  vectors: 'vectors.f32',
  encoder: 'user.onnx',
} as const

/**
 * Reads such a folder: the manifest, the item ids as a JSON array, their vectors row by row in their order (float32,
 * little-endian), and the user's side in ONNX. Throws `invalid-input` naming the file that is missing or not what it should be.
 */
export async function readImport(folder: string): Promise<ImportedModel> {
  const manifest = parsed(folder, importFiles.manifest, await bytesOf(folder, importFiles.manifest))
  const itemIds = parsed(folder, importFiles.items, await bytesOf(folder, importFiles.items))
  const vectors = await bytesOf(folder, importFiles.vectors)
  if (!Value.Check(ImportManifest, manifest)) {
    const [first] = Value.Errors(ImportManifest, manifest)
    throw invalid(folder, importFiles.manifest, `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim())
  }
  if (!Array.isArray(itemIds) || !itemIds.every((itemId) => typeof itemId === 'string' && itemId !== '')) {
    throw invalid(folder, importFiles.items, 'must be an array of item ids')
  }
  if (vectors.byteLength % 4 !== 0) throw invalid(folder, importFiles.vectors, 'must hold float32 numbers')
  return {
    manifest,
    itemIds,
    itemVectors: new Float32Array(Uint8Array.from(vectors).buffer),
    encoder: await bytesOf(folder, importFiles.encoder),
  }
}

async function bytesOf(folder: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, file))
  } catch (cause) {
    throw invalid(folder, file, 'cannot be read', cause)
  }
}

function parsed(folder: string, file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw invalid(folder, file, 'is not JSON', cause)
  }
}

function invalid(folder: string, file: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('invalid-input', `${join(folder, file)} ${reason}`, { cause, facts: { folder, file } })
}
