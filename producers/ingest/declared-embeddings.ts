import type { ItemInput } from '#schemas/api/items.ts'
import { defaultSpace } from '#schemas/models/embedding.ts'

/** Length of the vectors of each name. */
export type DeclaredEmbeddings = ReadonlyMap<string, number>

type Given = Pick<ItemInput, 'embedding' | 'embeddingName'>

/** Which field of an item's embedding is wrong, and why, to be read after its name. */
export interface EmbeddingFault {
  readonly field: 'embedding' | 'embeddingName'
  readonly reason: string
}

/**
 * What is wrong with an item's own vector. With nothing declared a vector without a name may have any length: vectors of
 * another length than most are of no use then, but nobody said which is right.
 */
export function embeddingFault(given: Given, declared: DeclaredEmbeddings): EmbeddingFault | undefined {
  const { embedding, embeddingName } = given
  if (!embedding) return embeddingName ? { field: 'embedding', reason: 'is required with embeddingName' } : undefined
  const known = [...declared.keys()].join(', ')
  const name = spaceOf(given, declared)
  if (declared.size === 0) {
    const isNamed = name !== defaultSpace
    return isNamed ? { field: 'embeddingName', reason: 'is not declared: no name is (key `embeddings`)' } : undefined
  }
  const dimension = declared.get(name)
  if (dimension === undefined) {
    return embeddingName
      ? { field: 'embeddingName', reason: `must be one of ${known}` }
      : { field: 'embeddingName', reason: `is required: one of ${known}` }
  }
  if (embedding.length === dimension) return undefined
  return {
    field: 'embedding',
    reason: `must have ${dimension} numbers, as declared for ${name}, not ${embedding.length}`,
  }
}

/** The name an item's vector is stored under; null where it is that of vectors without one, or there is none. */
export function storedName(given: Given, declared: DeclaredEmbeddings): string | null {
  if (!given.embedding) return null
  const name = spaceOf(given, declared)
  return name === defaultSpace ? null : name
}

/** Where one name is declared, vectors without a name are of that. */
function spaceOf({ embeddingName }: Given, declared: DeclaredEmbeddings): string {
  const [only] = declared.size === 1 ? declared.keys() : []
  return embeddingName ?? only ?? defaultSpace
}
