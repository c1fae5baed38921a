import { describe, expect, it } from 'vitest'
import { isMillraceError } from '#schemas/errors.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { admission } from './admission.ts'

describe('Admission', () => {
  it('sheds at once what is too much, and fewer at a time once they took too long', async () => {
    let time = 0
    const gate = admission({ most: 16, longestMs: 500, now: () => time, metrics: noMetrics })
    const admittedOf = async (wanted: number, tookMs: number): Promise<number> => {
      const { promise, resolve } = Promise.withResolvers<void>()
      let admitted = 0
      const asked = Array.from({ length: wanted }, () =>
        gate.admit(() => {
          admitted++
          return promise
        }),
      )
      time += tookMs
      resolve()
      const settled = await Promise.allSettled(asked)
      const shed: unknown[] = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(shed.map((error) => isMillraceError(error, 'overloaded'))).toEqual(shed.map(() => true))
      return admitted
    }
    expect(await admittedOf(20, 500)).toBe(16)
    expect(await admittedOf(20, 501)).toBe(16)
    expect(await admittedOf(20, 10)).toBe(8)
  })

  it('counts what failed as ended', async () => {
    const gate = admission({ most: 1, longestMs: 500, now: () => 0, metrics: noMetrics })
    await expect(gate.admit(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await gate.admit(() => Promise.resolve('yes'))).toBe('yes')
  })
})
