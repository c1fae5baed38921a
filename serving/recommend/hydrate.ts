import { hash32 } from '#schemas/math/hash.ts'
import type { Items } from '../read-model/items.ts'
import type { Scratch } from './scratch.ts'

export interface Rules {
  readonly category: string | undefined
  readonly exclude: readonly string[]
  readonly allow: readonly string[] | undefined
  /** Hashes of what earlier pages have shown. */
  readonly shown: ReadonlySet<number>
}

/** Blocks what may not be in this list whatever its score: consumed, excluded and already shown items. */
export function blockSeen(scratch: Scratch, items: Items, rules: Rules, consumed: readonly number[]): void {
  for (const slot of consumed) scratch.block(slot)
  for (const itemId of rules.exclude) {
    const slot = items.slots.find(itemId)
    if (slot !== undefined) scratch.block(slot)
  }
  if (rules.shown.size === 0) return
  for (let slot = 0; slot < items.slots.size(); slot++) {
    if (rules.shown.has(items.slots.hashOf(slot))) scratch.block(slot)
  }
}

/** The slots a category or an allow-list leaves; undefined where neither was asked for. */
export function slotsWithin(items: Items, rules: Rules): number[] | undefined {
  if (rules.allow === undefined) {
    return rules.category === undefined
      ? undefined
      : [...items.members(rules.category)].filter((slot) => items.isServable(slot))
  }
  const slots = new Set<number>()
  for (const itemId of rules.allow) {
    const slot = items.slots.find(itemId)
    if (slot !== undefined && isInCategory(items, slot, rules.category) && items.isServable(slot)) slots.add(slot)
  }
  return [...slots]
}

/** Rows of the candidates that may be served: there, available, and within what was asked for. */
export function admissible(scratch: Scratch, items: Items, within: readonly number[] | undefined): number[] {
  const inside = within === undefined ? undefined : new Set(within)
  const rows: number[] = []
  for (let row = 0; row < scratch.candidates.count; row++) {
    const slot = scratch.candidates.slots[row]!
    if (items.isServable(slot) && (inside === undefined || inside.has(slot))) rows.push(row)
  }
  return rows
}

/** What a cursor remembers of an item. */
export function shownHash(itemId: string): number {
  return hash32(itemId)
}

function isInCategory(items: Items, slot: number, category: string | undefined): boolean {
  return category === undefined || (items.at(slot).entry?.item.categories.includes(category) ?? false)
}
