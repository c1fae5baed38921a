/**
 * Marks by slot that are cleared in no time: what one request has blocked, and where its candidates stand. One scratch
 * serves all requests of a process, so it may be used only between two awaits.
 */
export interface Scratch {
  /** Forgets the request before. `slots`: how many there are. */
  begin(slots: number): void
  block(slot: number): void
  isBlocked(slot: number): boolean
  /** Slots blocked by this request. */
  blocked(): number
  readonly candidates: Candidates
}

/** Candidates in columns, in the order they were found. A column may be another array after `add`. */
export interface Candidates {
  count: number
  slots: Int32Array
  coViews: Float64Array
  contents: Float64Array
  neighbours: Float64Array
  /** `placeStrength` in the list of the source, 0 outside of it. */
  factorPlaces: Float64Array
  trendingPlaces: Float64Array
  isNew: Uint8Array
  /** Row of the slot's candidate, a new one if it has none. */
  add(slot: number): number
}

/** More than the sources give, unless they are told to. */
const firstRows = 1024

function grow(candidates: Candidates): void {
  const { slots, coViews, contents, neighbours, factorPlaces, trendingPlaces, isNew } = candidates
  const rows = 2 * slots.length
  candidates.slots = longer(new Int32Array(rows), slots)
  candidates.coViews = longer(new Float64Array(rows), coViews)
  candidates.contents = longer(new Float64Array(rows), contents)
  candidates.neighbours = longer(new Float64Array(rows), neighbours)
  candidates.factorPlaces = longer(new Float64Array(rows), factorPlaces)
  candidates.trendingPlaces = longer(new Float64Array(rows), trendingPlaces)
  candidates.isNew = longer(new Uint8Array(rows), isNew)
}

function longer<T extends Int32Array | Float64Array | Uint8Array>(target: T, column: T): T {
  target.set(column)
  return target
}

export function requestScratch(): Scratch {
  let blockedAt = new Uint32Array(1024)
  let foundAt = new Uint32Array(1024)
  let rows = new Uint32Array(1024)
  let request = 0
  let blocked = 0

  const candidates: Candidates = {
    count: 0,
    slots: new Int32Array(firstRows),
    coViews: new Float64Array(firstRows),
    contents: new Float64Array(firstRows),
    neighbours: new Float64Array(firstRows),
    factorPlaces: new Float64Array(firstRows),
    trendingPlaces: new Float64Array(firstRows),
    isNew: new Uint8Array(firstRows),
    add(slot) {
      if (foundAt[slot] === request) return rows[slot]!
      const row = candidates.count++
      if (row === candidates.slots.length) grow(candidates)
      foundAt[slot] = request
      rows[slot] = row
      candidates.slots[row] = slot
      candidates.coViews[row] = 0
      candidates.contents[row] = 0
      candidates.neighbours[row] = 0
      candidates.factorPlaces[row] = 0
      candidates.trendingPlaces[row] = 0
      candidates.isNew[row] = 0
      return row
    },
  }

  return {
    candidates,
    begin(slots) {
      if (slots > blockedAt.length || request === 0xffffffff) {
        const length = Math.max(blockedAt.length, slots * 2)
        blockedAt = new Uint32Array(length)
        foundAt = new Uint32Array(length)
        rows = new Uint32Array(length)
        request = 0
      }
      request++
      blocked = 0
      candidates.count = 0
    },
    block(slot) {
      if (blockedAt[slot] === request) return
      blockedAt[slot] = request
      blocked++
    },
    isBlocked: (slot) => blockedAt[slot] === request,
    blocked: () => blocked,
  }
}
