import { describe, expect, it } from 'vitest'
import { clockContract } from '#schemas/ports/clock.contract.ts'
import { manualClock } from './manual-clock.ts'

clockContract('manual', () => {
  const clock = manualClock(1_000)
  return { clock, pass: (ms) => clock.advance(ms) }
})

describe('The manual clock', () => {
  it('wakes sleepers in the order of their times, and only those whose time has come', async () => {
    const clock = manualClock()
    const woken: string[] = []
    const late = clock.sleep(30).then(() => woken.push('late'))
    const second = clock.sleep(20).then(() => woken.push('second'))
    const first = clock.sleep(10).then(() => woken.push('first'))
    clock.advance(20)
    await Promise.all([first, second])
    expect(woken).toEqual(['first', 'second'])
    expect(clock.sleepers()).toBe(1)
    clock.advance(10)
    await late
    expect(clock.now()).toBe(30)
  })
})
