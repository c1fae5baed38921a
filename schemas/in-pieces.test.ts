import { expect, it } from 'vitest'
import { atOnce, inTurns, type InPieces } from './in-pieces.ts'

function* counting(to: number): InPieces<number> {
  let sum = 0
  for (let n = 1; n <= to; n++) {
    sum += n
    yield
  }
  return sum
}

it('Work in pieces ends with the same result in one go and in turns', async () => {
  let rests = 0
  const result = await inTurns(counting(4), async () => {
    rests++
  })
  expect([atOnce(counting(4)), result, rests]).toEqual([10, 10, 4])
})
