import { grown } from './grown.ts'

/** Ids of events by user, each with the user's clock when it was filed last. */
export interface FiledIds {
  /** Was this id filed within the window before `clock`? */
  holds(user: number, hash: number, clock: number): boolean
  file(user: number, hash: number, clock: number): void
  /** Files an id unless it was filed within the window; whether it was not. */
  fileNew(user: number, hash: number, clock: number): boolean
}

const fewest = 1_024

/** Open addressing by user and hash. Clocks of a user never go back, so of an id the newest is all that can matter. */
export function filedIds(windowMs: number): FiledIds {
  /** Number of a filed id plus 1, 0 where there is none; twice as many places as ids at least. */
  let places = new Uint32Array(2 * fewest)
  let users = new Uint32Array(fewest)
  let hashes = new Float64Array(fewest)
  let clocks = new Float64Array(fewest)
  let count = 0

  /** The place of an id, or the free one where it would be. */
  function placeOf(user: number, hash: number): number {
    const mask = places.length - 1
    let place = (Math.imul(user, 0x9e3779b1) ^ hash) & mask
    for (;;) {
      const number = places[place]! - 1
      if (number === -1 || (users[number] === user && hashes[number] === hash)) return place
      place = (place + 1) & mask
    }
  }

  function grow(): void {
    const room = 2 * users.length
    users = grown(users, room)
    hashes = grown(hashes, room)
    clocks = grown(clocks, room)
    places = new Uint32Array(2 * room)
    for (let number = 0; number < count; number++) places[placeOf(users[number]!, hashes[number]!)] = number + 1
  }

  function fileAt(place: number, user: number, hash: number, clock: number): void {
    const known = places[place]! - 1
    const number = known === -1 ? count++ : known
    places[place] = number + 1
    users[number] = user
    hashes[number] = hash
    clocks[number] = clock
  }

  function isRecent(place: number, clock: number): boolean {
    const number = places[place]! - 1
    return number !== -1 && clock - clocks[number]! <= windowMs
  }

  return {
    holds: (user, hash, clock) => isRecent(placeOf(user, hash), clock),
    file(user, hash, clock) {
      if (count === users.length) grow()
      fileAt(placeOf(user, hash), user, hash, clock)
    },
    fileNew(user, hash, clock) {
      if (count === users.length) grow()
      const place = placeOf(user, hash)
      if (isRecent(place, clock)) return false
      fileAt(place, user, hash, clock)
      return true
    },
  }
}
