import type { ItemVector } from '#schemas/events/derived.ts'

/** The newest streaming vector of each item, by model version: also of models that are not served yet. */
export interface StreamingVectors {
  take(event: ItemVector): void
  of(version: string): ReadonlyMap<string, Float32Array>
  forget(version: string): void
}

export function streamingVectors(): StreamingVectors {
  const byVersion = new Map<string, Map<string, Float32Array>>()
  return {
    take({ modelVersion, itemId, vector }) {
      const known = byVersion.get(modelVersion)
      if (known === undefined) byVersion.set(modelVersion, new Map([[itemId, vector]]))
      else known.set(itemId, vector)
    },
    of: (version) => byVersion.get(version) ?? none,
    forget(version) {
      byVersion.delete(version)
    },
  }
}

const none: ReadonlyMap<string, Float32Array> = new Map()
