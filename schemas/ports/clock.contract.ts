import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'

export interface ClockSubject {
  readonly clock: Clock
  /** Makes time pass where it does not by itself. */
  readonly pass: (ms: number) => void
}

export function clockContract(name: string, open: () => ClockSubject): void {
  describe(`Clock: ${name}`, () => {
    it('tells epoch milliseconds that do not go back', () => {
      const { clock, pass } = open()
      const before = clock.now()
      pass(5)
      expect(clock.now()).toBeGreaterThanOrEqual(before)
      expect(Number.isInteger(before)).toBe(true)
    })

    it('sleeps until the time has come', async () => {
      const { clock, pass } = open()
      const before = clock.now()
      const slept = clock.sleep(5)
      pass(5)
      await slept
      expect(clock.now() - before).toBeGreaterThanOrEqual(4)
    })

    it('does not sleep for no time at all', async () => {
      await expect(open().clock.sleep(0)).resolves.toBeUndefined()
    })

    it('wakes at once when the signal aborts, and does not fall asleep when it has', async () => {
      const { clock } = open()
      const abort = new AbortController()
      const slept = clock.sleep(60_000, abort.signal)
      abort.abort()
      await expect(slept).resolves.toBeUndefined()
      await expect(clock.sleep(60_000, abort.signal)).resolves.toBeUndefined()
    })
  })
}
