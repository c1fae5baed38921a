import { expect, it } from 'vitest'
import { decideGate } from './gate.ts'

const popularity = 0.1

it('A first model is published whatever its score', () => {
  expect(decideGate({ candidate: 0.01, incumbent: undefined, popularity }, 0.05)).toEqual({
    type: 'publish',
    because: 'first',
  })
})

it('A model is published when there is nothing to judge by', () => {
  const nothing = { candidate: undefined, popularity: undefined }
  expect(decideGate({ ...nothing, incumbent: undefined }, 0.05)).toEqual({ type: 'publish', because: 'unmeasured' })
  expect(decideGate({ ...nothing, incumbent: 0.2 }, 0.05)).toEqual({ type: 'publish', because: 'unmeasured' })
})

it.each([0.25, 0.2, 0.191])('A candidate of %d passes an incumbent of 0.2 when 5 % may be lost', (candidate) => {
  expect(decideGate({ candidate, incumbent: 0.2, popularity }, 0.05).type).toBe('publish')
})

it('A candidate that loses more than the share is refused with both scores', () => {
  const decision = decideGate({ candidate: 0.18, incumbent: 0.2, popularity }, 0.05)
  expect(decision).toEqual({ type: 'refuse', candidate: 0.18, incumbent: 0.2, allowed: 0.19 })
})

it('A candidate that scores nothing passes only an incumbent that scores nothing', () => {
  expect(decideGate({ candidate: 0, incumbent: 0, popularity }, 0.05).type).toBe('publish')
  expect(decideGate({ candidate: 0, incumbent: 1e-6, popularity }, 0.05).type).toBe('refuse')
})

it('A score that is not a number is never as good', () => {
  expect(decideGate({ candidate: NaN, incumbent: 0.2, popularity }, 0.05).type).toBe('refuse')
})
