import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { timeSlices } from './slices.ts'

it('A slice begins with the first fold of a turn and is over when its time is', async () => {
  let now = 0
  const slices = timeSlices(5, () => now)
  expect(slices.isOver()).toBe(false)
  now = 4
  expect(slices.isOver()).toBe(false)
  now = 5
  expect(slices.isOver()).toBe(true)
  await slices.next()
  expect(slices.isOver()).toBe(false)
})

it('Time in which no fold ran is not counted', async () => {
  let now = 0
  const slices = timeSlices(5, () => now)
  expect(slices.isOver()).toBe(false)
  await setImmediate()
  now = 1_000
  expect(slices.isOver()).toBe(false)
})

it('Those who wait go in order, and others have a turn between any two of them', async () => {
  const slices = timeSlices(5, () => 0)
  const seen: string[] = []
  const folds = ['a', 'b', 'c'].map(async (name) => {
    await slices.next()
    seen.push(name)
  })
  const others = (async () => {
    while (seen.filter((name) => name !== '-').length < 3) {
      await setImmediate()
      seen.push('-')
    }
  })()
  await Promise.all([...folds, others])
  expect(seen.filter((name) => name !== '-')).toEqual(['a', 'b', 'c'])
  expect(seen.join('')).toMatch(/a-+b-+c/)
})
