/** The slots with the largest keys, kept sorted while keys change one at a time. */
export interface TopList {
  /** Best first: what is here is exactly what a full sort would begin with. */
  readonly slots: readonly number[]
  readonly keys: readonly number[]
  /** Sets or raises the key of a slot. */
  offer(slot: number, key: number): void
  remove(slot: number): void
  /** True when removals have left fewer than half of what it can hold, while more may exist outside. */
  needsRefill(): boolean
  clear(): void
}

/**
 * A top list of bounded capacity. `before` orders slots of equal keys. Whatever falls out or is turned away raises a
 * floor below which nothing is taken in again: so the list is a true prefix also after removals.
 */
export function topList(capacity: number, before: (a: number, b: number) => boolean): TopList {
  const slots: number[] = []
  const keys: number[] = []
  /** The best that is known to be outside. */
  let floor = { slot: -1, key: -Infinity }

  function isAbove(slot: number, key: number, other: number, otherKey: number): boolean {
    return key > otherKey || (key === otherKey && (other === -1 || before(slot, other)))
  }

  function removeSlot(slot: number): void {
    const at = slots.indexOf(slot)
    if (at === -1) return
    slots.splice(at, 1)
    keys.splice(at, 1)
  }

  function placeOf(slot: number, key: number): number {
    let low = 0
    let high = slots.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isAbove(slots[middle]!, keys[middle]!, slot, key)) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    slots,
    keys,
    offer(slot, key) {
      removeSlot(slot)
      if (!isAbove(slot, key, floor.slot, floor.key)) return
      const at = placeOf(slot, key)
      slots.splice(at, 0, slot)
      keys.splice(at, 0, key)
      if (slots.length <= capacity) return
      floor = { slot: slots.pop()!, key: keys.pop()! }
    },
    remove: removeSlot,
    needsRefill: () => floor.slot !== -1 && slots.length < capacity / 2,
    clear() {
      slots.length = 0
      keys.length = 0
      floor = { slot: -1, key: -Infinity }
    },
  }
}
