import type { RowLimits } from '#schemas/settings.ts'
import { grown } from './grown.ts'

/** The histories of one partition: users, items and actions by the numbers of a scan. */
export interface PartHistories {
  /** Those who have a history, in the order of their first events. */
  readonly users: Uint32Array
  /** Entry e of the n-th of `users` lies in starts[n] ≤ e < starts[n + 1], oldest first. */
  readonly starts: Uint32Array
  readonly items: Uint32Array
  readonly actions: Uint16Array
  readonly values: Float64Array
  readonly times: Float64Array
  readonly offsets: Float64Array
}

/** What was counted, in the order of the log, and of each user how much of it still counts. */
export interface HistoryEntries {
  readonly clocks: { of(user: number): number; set(user: number, clock: number): void }
  /** Gives a user a place in the order, though nothing of theirs counts yet. */
  meet(user: number): void
  append(user: number, item: number, action: number, value: number, time: number, offset: number): void
  /** Nothing that was appended for this user counts any more. */
  erase(user: number): void
  /** The last of each user's entries, at most `limits.history`: as `wholeHistory` has them of a head and its chunks. */
  kept(): PartHistories
}

const fewest = 1_024

export function historyEntries(limits: RowLimits): HistoryEntries {
  let length = 0
  let users = new Uint32Array(fewest)
  let items = new Uint32Array(fewest)
  let actions = new Uint16Array(fewest)
  let values = new Float64Array(fewest)
  let times = new Float64Array(fewest)
  let offsets = new Float64Array(fewest)

  /** Of each user: */
  let met = 0
  let clocks = new Float64Array(fewest)
  let appended = new Uint32Array(fewest)
  /** Since the last erase. */
  let counted = new Uint32Array(fewest)

  function meet(user: number): void {
    if (user < met) return
    met = user + 1
    if (met <= clocks.length) return
    clocks = grown(clocks, met)
    appended = grown(appended, met)
    counted = grown(counted, met)
  }

  function widen(): void {
    const room = 2 * users.length
    users = grown(users, room)
    items = grown(items, room)
    actions = grown(actions, room)
    values = grown(values, room)
    times = grown(times, room)
    offsets = grown(offsets, room)
  }

  function keptOf(user: number): number {
    const count = counted[user]!
    const open = count % limits.head
    const chunks = Math.min(Math.floor(count / limits.head), limits.chunks)
    return Math.min(limits.history, chunks * limits.head + open)
  }

  return {
    clocks: {
      of: (user) => (user < met ? clocks[user]! : 0),
      set(user, clock) {
        meet(user)
        clocks[user] = clock
      },
    },
    meet,
    append(user, item, action, value, time, offset) {
      if (length === users.length) widen()
      users[length] = user
      items[length] = item
      actions[length] = action
      values[length] = value
      times[length] = time
      offsets[length++] = offset
      appended[user]!++
      counted[user]!++
    },
    erase(user) {
      counted[user] = 0
    },
    kept() {
      const alive: number[] = []
      for (let user = 0; user < met; user++) if (keptOf(user) > 0) alive.push(user)
      const starts = new Uint32Array(alive.length + 1)
      /** Where the next entry of each user goes; it counts up from before the user's first where older ones are dropped. */
      const next = new Float64Array(met)
      const first = new Float64Array(met).fill(Infinity)
      for (const [n, user] of alive.entries()) {
        starts[n + 1] = starts[n]! + keptOf(user)
        first[user] = starts[n]!
        next[user] = starts[n + 1]! - appended[user]!
      }
      const size = starts.at(-1)!
      const out = {
        users: Uint32Array.from(alive),
        starts,
        items: new Uint32Array(size),
        actions: new Uint16Array(size),
        values: new Float64Array(size),
        times: new Float64Array(size),
        offsets: new Float64Array(size),
      }
      for (let entry = 0; entry < length; entry++) {
        const user = users[entry]!
        const at = next[user]!++
        if (at < first[user]!) continue
        out.items[at] = items[entry]!
        out.actions[at] = actions[entry]!
        out.values[at] = values[entry]!
        out.times[at] = times[entry]!
        out.offsets[at] = offsets[entry]!
      }
      return out
    },
  }
}
