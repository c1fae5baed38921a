import { expect, it } from 'vitest'
import { neighbourLists } from './neighbour-lists.ts'

/** Items on a line, the nearer the more alike; how often all were searched is counted. */
function line(places: Map<number, number>) {
  let searches = 0
  const similarity = (a: number, b: number) => {
    const [x, y] = [places.get(a), places.get(b)]
    return x === undefined || y === undefined ? 0 : 1 / (1 + Math.abs(x - y))
  }
  const find = (slot: number) => {
    searches++
    return [...places.keys()]
      .filter((other) => other !== slot)
      .map((other) => ({ slot: other, similarity: similarity(slot, other) }))
  }
  const lists = neighbourLists({ find, similarity, isBefore: (a, b) => a < b })
  return {
    of: (slot: number) => lists.of(slot).map((neighbour) => neighbour.slot),
    searches: () => searches,
    put(slot: number, place: number | undefined) {
      if (place === undefined) places.delete(slot)
      else places.set(slot, place)
      lists.changed(slot)
    },
  }
}

it('A new item, a moved one and a removed one show in lists that are kept, without another search', () => {
  const world = line(
    new Map([
      [0, 0],
      [1, 10],
      [2, 20],
      [3, 30],
    ]),
  )
  expect(world.of(0)).toEqual([1, 2, 3])
  world.put(4, 5)
  world.put(3, 12)
  world.put(1, undefined)
  expect(world.of(0)).toEqual([4, 3, 2])
  expect(world.searches()).toBe(1)
})

it('After many changes, and after a change of the item itself, a list is found anew', () => {
  const world = line(
    new Map([
      [0, 0],
      [1, 10],
    ]),
  )
  world.of(0)
  for (let change = 0; change < 1_001; change++) world.put(2, 5 + change)
  expect(world.of(0)).toEqual([1, 2])
  expect(world.searches()).toBe(2)
  world.put(0, 2_000)
  expect(world.of(0)).toEqual([2, 1])
  expect(world.searches()).toBe(3)
})

it('Thirty are kept, the best ones; of equal ones the lower slots', () => {
  const world = line(new Map(Array.from({ length: 50 }, (_, slot) => [slot, slot === 0 ? 0 : 1])))
  expect(world.of(0)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
})
