import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { coViews, type CoViewedSlot, type CoViews } from './co-views.ts'
import { contentIndex, type ContentIndex } from './content-index.ts'
import type { ItemCounts, MergedStatistics } from './merged-statistics.ts'
import { itemSlots, type Slots } from './slots.ts'
import { topList } from './top-list.ts'
import { trendingLists, type Trending } from './trending.ts'

export interface KnownItem {
  readonly slot: number
  readonly itemId: string
  /** Undefined: never upserted, or deleted. */
  entry: CatalogueEntry | undefined
  deleted: boolean
  statistics: ItemCounts | undefined
}

/** Every item this instance knows, by slot. Kept by notices; everything that answers reads from here. */
export interface Items {
  readonly slots: Slots
  readonly content: ContentIndex
  readonly trending: Trending
  readonly coViews: CoViews
  at(slot: number): KnownItem
  find(itemId: string): KnownItem | undefined
  /** The item, made known if it was not. */
  obtain(itemId: string): KnownItem
  setEntry(itemId: string, entry: CatalogueEntry | undefined): void
  setStatistics(itemId: string, statistics: MergedStatistics): void
  /** The same, of an item that has its slot, with what came just before it by slot. */
  setCounts(slot: number, counts: ItemCounts, coViews: readonly CoViewedSlot[]): void
  /**
   * Whether the item may be in a list now: it is in the catalogue and available. While the catalogue is empty, as after
   * an import of interactions alone, every item with interactions may, unless its deletion was seen.
   */
  isServable(slot: number): boolean
  categoriesOf(slot: number): readonly string[]
  /** The item's categories by small integers: what is summed over many items is addressed by them. */
  categoryIdsOf(slot: number): readonly number[]
  /** Name of each category by its integer; a category keeps its own for ever. */
  readonly categoryNames: readonly string[]
  categoryId(category: string): number | undefined
  /** Positive interactions of all time. */
  total(slot: number): number
  /** Slots of the category's catalogue items. */
  members(category: string): ReadonlySet<number>
  categories(): { readonly category: string; readonly items: number }[]
  /** Catalogue items, youngest first. */
  newest(): readonly number[]
  /** Orders slots by their ids: the same on every instance. */
  readonly isBefore: (a: number, b: number) => boolean
  /** Called after an item changed what it is, whether it may be served included. */
  onChange(listener: (slot: number) => void): void
}

const newestKept = 200

export function items(settings: FoldSettings): Items {
  const slots = itemSlots()
  const isBefore = (a: number, b: number) => slots.idOf(a) < slots.idOf(b)
  const content = contentIndex(isBefore)
  const trending = trendingLists(settings, isBefore)
  const newest = topList(newestKept, isBefore)
  const together = coViews(isBefore)
  const known: KnownItem[] = []
  const servable: boolean[] = []
  const categoriesBySlot: (readonly string[])[] = []
  const categoryIdsBySlot: (readonly number[])[] = []
  const categoryNames: string[] = []
  const categoryIds = new Map<string, number>()
  const totals: number[] = []
  const byCategory = new Map<string, Set<number>>()
  const listeners: ((slot: number) => void)[] = []
  let catalogued = 0

  function obtain(itemId: string): KnownItem {
    const slot = slots.assign(itemId)
    if (known[slot] !== undefined) return known[slot]
    totals[slot] = 0
    return (known[slot] = { slot, itemId, entry: undefined, deleted: false, statistics: undefined })
  }

  function idOfCategory(category: string): number {
    const id = categoryIds.get(category) ?? categoryNames.push(category) - 1
    categoryIds.set(category, id)
    return id
  }

  function mayServe(item: KnownItem): boolean {
    if (item.entry !== undefined) return item.entry.item.available
    return catalogued === 0 && !item.deleted && item.statistics !== undefined
  }

  function place(item: KnownItem): void {
    servable[item.slot] = mayServe(item)
    const categories = item.entry?.item.categories ?? none
    if (categoriesBySlot[item.slot] !== categories) {
      categoriesBySlot[item.slot] = categories
      categoryIdsBySlot[item.slot] = categories.map(idOfCategory)
    }
    if (item.statistics !== undefined && servable[item.slot]) {
      trending.place(item.slot, categories, item.statistics)
    } else trending.remove(item.slot)
  }

  function setCounts(slot: number, counts: ItemCounts, before: readonly CoViewedSlot[]): void {
    const item = known[slot]!
    const wasServable = servable[slot] === true
    item.statistics = counts
    totals[slot] = counts.total
    together.set(slot, before)
    trending.advanceTo(counts.time)
    if (wasServable === mayServe(item)) place(item)
    else changed(item)
  }

  function changed(item: KnownItem): void {
    place(item)
    for (const listener of listeners) listener(item.slot)
  }

  return {
    slots,
    content,
    trending,
    coViews: together,
    at: (slot) => known[slot] ?? obtain(slots.idOf(slot)),
    obtain,
    find(itemId) {
      const slot = slots.find(itemId)
      return slot === undefined ? undefined : known[slot]
    },
    setEntry(itemId, entry) {
      const item = obtain(itemId)
      const wasEmpty = catalogued === 0
      for (const category of item.entry?.item.categories ?? []) byCategory.get(category)?.delete(item.slot)
      catalogued += Number(entry !== undefined) - Number(item.entry !== undefined)
      item.deleted = entry === undefined
      item.entry = entry
      if (entry === undefined) newest.remove(item.slot)
      else newest.offer(item.slot, entry.firstSeenAt)
      for (const category of entry?.item.categories ?? []) {
        const members = byCategory.get(category)
        if (members === undefined) byCategory.set(category, new Set([item.slot]))
        else members.add(item.slot)
      }
      content.set(item.slot, entry?.item)
      if (wasEmpty === (catalogued === 0)) changed(item)
      else known.forEach(changed)
    },
    setStatistics(itemId, { coViews: before, ...counts }) {
      const { slot } = obtain(itemId)
      const bySlot = before.map((other) => ({ slot: obtain(other.itemId).slot, count: other.count }))
      setCounts(slot, counts, bySlot)
    },
    setCounts,
    isServable: (slot) => servable[slot] === true,
    categoriesOf: (slot) => categoriesBySlot[slot] ?? none,
    categoryIdsOf: (slot) => categoryIdsBySlot[slot] ?? noIds,
    categoryNames,
    categoryId: (category) => categoryIds.get(category),
    total: (slot) => totals[slot] ?? 0,
    members: (category) => byCategory.get(category) ?? nothing,
    categories() {
      const counts = Array.from(byCategory, ([category, members]) => ({ category, items: members.size }))
      return counts
        .filter((entry) => entry.items > 0)
        .sort((a, b) => b.items - a.items || (a.category < b.category ? -1 : 1))
    },
    newest() {
      if (newest.needsRefill()) {
        newest.clear()
        for (const item of known) if (item?.entry !== undefined) newest.offer(item.slot, item.entry.firstSeenAt)
      }
      return newest.slots
    },
    isBefore,
    onChange: (listener) => listeners.push(listener),
  }
}

const none: readonly string[] = []

const noIds: readonly number[] = []

const nothing: ReadonlySet<number> = new Set()
