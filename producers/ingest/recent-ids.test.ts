import { expect, it } from 'vitest'
import { recentIds } from './recent-ids.ts'

it('remembers the last ids of each user, and forgets the oldest', () => {
  const recent = recentIds(100)
  for (let i = 0; i < 1_000; i++) recent.add('u', `e${i}`)
  for (let i = 900; i < 1_000; i++) expect(recent.has('u', `e${i}`)).toBe(true)
  for (let i = 0; i < 800; i++) expect(recent.has('u', `e${i}`)).toBe(false)
  expect(recent.has('other', 'e999')).toBe(false)
})
