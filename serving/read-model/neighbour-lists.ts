export interface Neighbour {
  readonly slot: number
  readonly similarity: number
}

/** The most similar items of an item, kept until much has changed; what changed since is compared with when it is asked for. */
export interface NeighbourLists {
  /** The item is there now, or is gone, or says something else. */
  changed(slot: number): void
  /** Best first. */
  of(slot: number): readonly Neighbour[]
}

const neighboursKept = 30
/** After so many changes a list is found anew. */
const changesTolerated = 1_000

export function neighbourLists(options: {
  /** The most similar items, looked for among all; at least `most` where there are as many, in any order. */
  readonly find: (slot: number, most: number) => readonly Neighbour[]
  /** 0 for items that are gone. */
  readonly similarity: (a: number, b: number) => number
  /** Orders neighbours that are alike. */
  readonly isBefore: (a: number, b: number) => boolean
}): NeighbourLists {
  const { find, similarity, isBefore } = options
  const kept = new Map<number, { neighbours: readonly Neighbour[]; at: number }>()
  /** The slot of change c is at c modulo the length. */
  const latest = new Int32Array(changesTolerated)
  let changes = 0

  function best(neighbours: readonly Neighbour[]): readonly Neighbour[] {
    return neighbours
      .filter((neighbour) => neighbour.similarity > 0)
      .sort((a, b) => b.similarity - a.similarity || (isBefore(a.slot, b.slot) ? -1 : 1))
      .slice(0, neighboursKept)
  }

  function broughtUp(slot: number, { neighbours, at }: { neighbours: readonly Neighbour[]; at: number }) {
    const changed = new Set<number>()
    for (let change = at; change < changes; change++) changed.add(latest[change % changesTolerated]!)
    changed.delete(slot)
    const again = Array.from(changed, (other) => ({ slot: other, similarity: similarity(slot, other) }))
    return best([...neighbours.filter((other) => !changed.has(other.slot)), ...again])
  }

  return {
    changed(slot) {
      latest[changes++ % changesTolerated] = slot
      kept.delete(slot)
    },
    of(slot) {
      const known = kept.get(slot)
      if (known?.at === changes) return known.neighbours
      const isUsable = known !== undefined && changes - known.at <= changesTolerated
      const neighbours = isUsable ? broughtUp(slot, known) : best(find(slot, neighboursKept))
      kept.set(slot, { neighbours, at: changes })
      return neighbours
    },
  }
}
