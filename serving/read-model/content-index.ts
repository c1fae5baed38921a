import type { Item } from '#schemas/events/catalogue.ts'
import { attributeTerms, normalised, wordsOf } from '#schemas/models/terms.ts'
import { neighbourLists, type Neighbour } from './neighbour-lists.ts'

/** Which items describe themselves alike: by their categories, tags, attributes and title words, rare ones counting more. */
export interface ContentIndex {
  set(slot: number, item: Item | undefined): void
  /** Cosine of the items' weighted terms, in [0, 1]; 0 for an item without terms. */
  similarity(a: number, b: number): number
  /**
   * The same numbers among a few items, at a fraction of the time: what is answered sets target[i] to the similarity of the
   * item at a place of `slots` and the one at place i. To be used before the next call and the next change.
   */
  among(slots: ArrayLike<number>): (place: number, target: Float64Array) => void
  /** The most similar items that share a rare enough term, best first. */
  neighbours(slot: number): readonly Neighbour[]
}

/** Terms of more items than this find no neighbours: they say too little, and their lists are long. */
const rareUpTo = 500

/** `isBefore` orders neighbours that are alike: by ids, the same whatever the slots. */
export function contentIndex(isBefore: (a: number, b: number) => boolean = (a, b) => a < b): ContentIndex {
  const termIds = new Map<string, number>()
  const postings: Set<number>[] = []
  const termsOf: (Uint32Array | undefined)[] = []
  const weights = lazyNumbers(weightOf)
  const norms = lazyNumbers(normOf)
  /** By term: where the chain of the places that have it begins, as `among` left it; -1 for none. */
  let chains = new Int32Array(1024).fill(-1)
  let chained: readonly number[] = []
  const lists = neighbourLists({ find, similarity, isBefore })
  let items = 0

  function termId(term: string): number {
    const known = termIds.get(term)
    if (known !== undefined) return known
    termIds.set(term, postings.length)
    postings.push(new Set())
    return postings.length - 1
  }

  /** Squared inverse document frequency. */
  function weightOf(term: number): number {
    const idf = Math.log(1 + items / (1 + postings[term]!.size))
    return idf * idf
  }

  function normOf(slot: number): number {
    let sum = 0
    for (const term of termsOf[slot] ?? []) sum += weights.at(term)
    return Math.sqrt(sum)
  }

  function similarity(a: number, b: number): number {
    const left = termsOf[a]
    const right = termsOf[b]
    if (left === undefined || right === undefined) return 0
    let shared = 0
    for (let i = 0, j = 0; i < left.length && j < right.length;) {
      const difference = left[i]! - right[j]!
      if (difference === 0) shared += weights.at(left[i]!)
      if (difference <= 0) i++
      if (difference >= 0) j++
    }
    return shared === 0 ? 0 : Math.min(1, shared / (norms.at(a) * norms.at(b)))
  }

  function among(slots: ArrayLike<number>): (place: number, target: Float64Array) => void {
    for (const term of chained) chains[term] = -1
    if (postings.length > chains.length) chains = new Int32Array(2 * postings.length).fill(-1)
    const terms: number[] = []
    const places: number[] = []
    const nexts: number[] = []
    for (let place = 0; place < slots.length; place++) {
      for (const term of termsOf[slots[place]!] ?? none) {
        nexts.push(chains[term]!)
        places.push(place)
        chains[term] = terms.push(term) - 1
      }
    }
    chained = terms

    return (place, target) => {
      const slot = slots[place]!
      target.fill(0)
      for (const term of termsOf[slot] ?? none) {
        const weight = weights.at(term)
        for (let link = chains[term]!; link !== -1; link = nexts[link]!) target[places[link]!]! += weight
      }
      const norm = norms.at(slot)
      for (let other = 0; other < slots.length; other++) {
        const shared = target[other]!
        if (shared !== 0) target[other] = Math.min(1, shared / (norm * norms.at(slots[other]!)))
      }
    }
  }

  function find(slot: number): Neighbour[] {
    const near = new Set<number>()
    for (const term of termsOf[slot] ?? []) {
      if (postings[term]!.size > rareUpTo) continue
      for (const other of postings[term]!) if (other !== slot) near.add(other)
    }
    return Array.from(near, (other) => ({ slot: other, similarity: similarity(slot, other) }))
  }

  return {
    set(slot, item) {
      const before = termsOf[slot]
      if (before !== undefined) {
        for (const term of before) postings[term]!.delete(slot)
        items--
      }
      termsOf[slot] = item === undefined ? undefined : Uint32Array.from(new Set(termsIn(item)), termId).sort()
      if (item !== undefined) items++
      for (const term of termsOf[slot] ?? []) postings[term]!.add(slot)
      lists.changed(slot)
      weights.forget()
      norms.forget()
    },
    similarity,
    among,
    neighbours: (slot) => lists.of(slot),
  }
}

const none = new Uint32Array()

/** Positive numbers by small integers, each computed when it is first asked for after the last `forget`. */
function lazyNumbers(compute: (index: number) => number): { at(index: number): number; forget(): void } {
  let known = new Float64Array(1024)
  let isForgotten = false

  function miss(index: number): number {
    if (index >= known.length) {
      const longer = new Float64Array(2 * index)
      longer.set(known)
      known = longer
    }
    return (known[index] = compute(index))
  }

  return {
    at(index) {
      if (isForgotten) {
        known.fill(0)
        isForgotten = false
      }
      return known[index] || miss(index)
    },
    forget() {
      isForgotten = true
    },
  }
}

function* termsIn(item: Item): Iterable<string> {
  for (const category of item.categories) yield `category ${normalised(category)}`
  for (const tag of item.tags) yield `tag ${normalised(tag)}`
  for (const entry of Object.entries(item.attributes))
    for (const term of attributeTerms(entry)) yield `attribute ${term}`
  for (const word of wordsOf(item.title)) if (word.length >= 3) yield `title ${word}`
}
