import { isDeepStrictEqual } from 'node:util'
import { MillraceError } from '#schemas/errors.ts'
import type { ModelManifest, ModelRegistry } from '#schemas/ports/model-registry.ts'

/** Manifests in a map. */
export function memoryModelRegistry(): ModelRegistry {
  const manifests = new Map<string, ModelManifest>()
  return {
    async add(manifest) {
      const known = manifests.get(manifest.version)
      if (known !== undefined && !isDeepStrictEqual(known, manifest)) {
        throw new MillraceError('conflict', `model ${manifest.version} is known with another manifest`, {
          facts: { version: manifest.version },
        })
      }
      manifests.set(manifest.version, structuredClone(manifest))
    },
    async get(version) {
      return manifests.get(version)
    },
    async list() {
      return [...manifests.values()].sort((a, b) => b.createdAt - a.createdAt || (a.version < b.version ? 1 : -1))
    },
  }
}
