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

/** Candidates in columns, in the order they were found. */
export interface Candidates {
  count: number
  readonly slots: number[]
  readonly coViews: number[]
  readonly contents: number[]
  readonly isNew: boolean[]
  /** Row of the slot's candidate, a new one if it has none. */
  add(slot: number): number
}

export function requestScratch(): Scratch {
  let blockedAt = new Uint32Array(1024)
  let foundAt = new Uint32Array(1024)
  let rows = new Uint32Array(1024)
  let request = 0
  let blocked = 0

  const candidates: Candidates = {
    count: 0,
    slots: [],
    coViews: [],
    contents: [],
    isNew: [],
    add(slot) {
      if (foundAt[slot] === request) return rows[slot]!
      const row = candidates.count++
      foundAt[slot] = request
      rows[slot] = row
      candidates.slots[row] = slot
      candidates.coViews[row] = 0
      candidates.contents[row] = 0
      candidates.isNew[row] = false
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
