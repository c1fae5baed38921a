import { MillraceError } from '#schemas/errors.ts'
import { hash53 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { Position } from '#schemas/position.ts'
import type { Histories } from './histories.ts'

export const protocols = [
  'time-split',
  'random-holdout',
  'leave-last-out',
  'strong-generalisation',
  'sampled-negatives',
] as const

export type Protocol = (typeof protocols)[number]

/** What an entry of the histories is for: `foldIn` is what a model is told of a user it was not fitted to. */
export const parts = { training: 0, heldOut: 1, foldIn: 2 } as const

/** One of `parts` for each entry of the histories. */
export type Split = Uint8Array

export interface SplitOptions {
  readonly protocol: Protocol
  /**
   * Share held out: by `time-split` of entries, by `random-holdout` of each user's items, by `strong-generalisation` of
   * users, and of the items of each of those.
   */
  readonly fraction: number
  readonly seed: number
}

/** Splits histories into a training part and a held-out part. Throws `time-split-impossible`. */
export function splitHistories(histories: Histories, { protocol, fraction, seed }: SplitOptions): Split {
  if (!(fraction > 0 && fraction < 1)) {
    throw new MillraceError('invalid-input', 'fraction must lie between 0 and 1', { facts: { fraction } })
  }
  switch (protocol) {
    case 'time-split':
      return timeSplit(histories, fraction)
    case 'random-holdout':
      return randomHoldout(histories, fraction, seed)
    case 'leave-last-out':
    case 'sampled-negatives':
      return leaveLastOut(histories)
    case 'strong-generalisation':
      return strongGeneralisation(histories, fraction, seed)
  }
}

/**
 * Holds out the newest entries, at most `fraction` of them: every time in training lies before every time held out.
 * Entries of one time stay together; where that leaves too little on either side the times are not those of the events
 * (such as an import without times), and the split is refused.
 */
export function timeSplit({ times }: Histories, fraction: number): Split {
  const ascending = times.toSorted()
  const wanted = Math.floor(ascending.length * (1 - fraction))
  let first = wanted
  while (first < ascending.length && first > 0 && ascending[first] === ascending[first - 1]) first++
  const held = ascending.length - first
  const oneTime = held > 1 && ascending[first] === ascending.at(-1)
  if (first === 0 || held === 0 || held < (ascending.length * fraction) / 10 || oneTime) {
    throw new MillraceError('time-split-impossible', 'too few distinct event times to split the log by time', {
      facts: { entries: ascending.length, heldOut: held, fraction },
    })
  }
  const boundary = ascending[first]!
  return Uint8Array.from(times, (time) => (time >= boundary ? parts.heldOut : parts.training))
}

/** Holds out a random share of each user's items, with all of the user's events on them; every user keeps at least one. */
export function randomHoldout(histories: Histories, fraction: number, seed: number): Split {
  return holdOutItems(histories, (items, user) => {
    const random = seededRandom(hash53(histories.userIds[user]!, seed))
    const shuffled = [...items]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const swapped = shuffled[i]!
      shuffled[i] = shuffled[j]!
      shuffled[j] = swapped
    }
    const share = items.length * fraction
    const count = Math.floor(share) + (random() < share - Math.floor(share) ? 1 : 0)
    return shuffled.slice(0, Math.min(count, items.length - 1))
  })
}

/** Holds out the item each user came to last, with all of the user's events on it, where the user has another. */
export function leaveLastOut(histories: Histories): Split {
  return holdOutItems(histories, (items) => (items.length < 2 ? [] : items.slice(-1)))
}

/**
 * Holds out a random share of the users whole: the same share of their items is to be foretold, the others are what a
 * model is told of them, after it was fitted without them (Marlin 2004; Liang et al. 2018).
 */
export function strongGeneralisation(histories: Histories, fraction: number, seed: number): Split {
  const split = randomHoldout(histories, fraction, seed)
  for (let user = 0; user < histories.userIds.length; user++) {
    const chosen = seededRandom(hash53(`user ${histories.userIds[user]!}`, seed))() < fraction
    for (let entry = histories.starts[user]!; entry < histories.starts[user + 1]!; entry++) {
      if (!chosen) split[entry] = parts.training
      else if (split[entry] === parts.training) split[entry] = parts.foldIn
    }
  }
  return split
}

/** Holds out what stands at or after a position of the log. */
export function positionSplit(histories: Histories, from: readonly Position[]): Split {
  const cut = new Map(from.map(({ partition, offset }) => [partition, offset]))
  const split = new Uint8Array(histories.items.length)
  for (const [user, partition] of histories.partitions.entries()) {
    const first = cut.get(partition) ?? Infinity
    for (let entry = histories.starts[user]!; entry < histories.starts[user + 1]!; entry++) {
      split[entry] = histories.offsets[entry]! >= first ? parts.heldOut : parts.training
    }
  }
  return split
}

/** The histories with nothing but the training part of a split. */
export function trainingPart(histories: Histories, split: Split): Histories {
  const kept = <T extends Uint32Array | Uint16Array | Float64Array>(column: T) =>
    column.filter((_, entry) => split[entry] === parts.training) as T
  const starts = new Uint32Array(histories.starts.length)
  for (let user = 0; user < histories.userIds.length; user++) {
    const ofUser = split.subarray(histories.starts[user], histories.starts[user + 1])
    starts[user + 1] = starts[user]! + ofUser.filter((part) => part === parts.training).length
  }
  const { items, actions, values, times, offsets } = histories
  return {
    ...histories,
    starts,
    items: kept(items),
    actions: kept(actions),
    values: kept(values),
    times: kept(times),
    offsets: kept(offsets),
  }
}

/** `choose` gets a user's distinct items in the order of their first events and says which are held out. */
function holdOutItems(
  histories: Histories,
  choose: (items: readonly number[], user: number) => readonly number[],
): Split {
  const split = new Uint8Array(histories.items.length)
  for (let user = 0; user < histories.userIds.length; user++) {
    const from = histories.starts[user]!
    const to = histories.starts[user + 1]!
    const chosen = new Set(choose([...new Set(histories.items.subarray(from, to))], user))
    for (let entry = from; entry < to; entry++)
      split[entry] = chosen.has(histories.items[entry]!) ? parts.heldOut : parts.training
  }
  return split
}
