import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { timeSlices } from './slices.ts'

it('A slice is over when its time is, and the next one begins when it is given', async () => {
  let now = 0
  const slices = timeSlices(5, () => now)
  await slices.next()
  expect(slices.isOver()).toBe(false)
  now = 4
  expect(slices.isOver()).toBe(false)
  now = 5
  expect(slices.isOver()).toBe(true)
  await slices.next()
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
