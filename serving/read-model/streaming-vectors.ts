import type { ItemVector } from '#schemas/events/derived.ts'

/** The newest streaming vector of each item, by model version: also of models that are not served yet. */
export interface StreamingVectors {
  take(event: ItemVector): void
  /** Takes a vector of before, unless a newer one is known. */
  restore(version: string, itemId: string, vector: Float32Array): void
  versions(): Iterable<string>
  of(version: string): ReadonlyMap<string, Float32Array>
  forget(version: string): void
}

export function streamingVectors(): StreamingVectors {
  const byVersion = new Map<string, Map<string, Float32Array>>()

  function obtain(version: string): Map<string, Float32Array> {
    const known = byVersion.get(version) ?? new Map<string, Float32Array>()
    byVersion.set(version, known)
    return known
  }

  return {
    take: ({ modelVersion, itemId, vector }) => void obtain(modelVersion).set(itemId, vector),
    restore(version, itemId, vector) {
      const known = obtain(version)
      if (!known.has(itemId)) known.set(itemId, vector)
    },
    versions: () => byVersion.keys(),
    of: (version) => byVersion.get(version) ?? none,
    forget(version) {
      byVersion.delete(version)
    },
  }
}

const none: ReadonlyMap<string, Float32Array> = new Map()
