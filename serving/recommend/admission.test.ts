import { describe, expect, it } from 'vitest'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { admission } from './admission.ts'

/** An instance whose computations end when they are told to. */
function instanceOf(given: { readonly most?: number; readonly longestMs?: number } = {}) {
  let time = 0
  const gate = admission({ most: 64, longestMs: 500, ...given, now: () => time, metrics: noMetrics })
  const open: (() => void)[] = []

  async function isAdmitted(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let begun = false
    const asked = gate.admit(() => {
      begun = true
      open.push(resolve)
      return promise
    })
    asked.catch((error: unknown) => expect(error).toMatchObject({ code: 'overloaded', retriable: true }))
    await Promise.resolve()
    return begun
  }

  const askTimes = async (times: number): Promise<number> => {
    let admitted = 0
    for (let i = 0; i < times; i++) if (await isAdmitted()) admitted++
    return admitted
  }
  const endAll = async (afterMs: number): Promise<void> => {
    time += afterMs
    for (const end of open.splice(0)) end()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { askTimes, endAll }
}

describe('Admission', () => {
  it('lets no more in than the most, and as many again once they have ended', async () => {
    const { askTimes, endAll } = instanceOf({ most: 8 })
    expect(await askTimes(10)).toBe(8)
    await endAll(10)
    expect(await askTimes(10)).toBe(8)
  })

  it('of computations that slow each other down lets in as many as end in time', async () => {
    const { askTimes, endAll } = instanceOf()
    let admitted = 0
    for (let round = 0; round < 40; round++) {
      admitted = await askTimes(64)
      await endAll(50 * admitted)
    }
    expect(admitted).toBeGreaterThanOrEqual(8)
    expect(admitted).toBeLessThanOrEqual(12)
  })

  it('lets a burst in after slow ones that were alone', async () => {
    const { askTimes, endAll } = instanceOf()
    for (let round = 0; round < 40; round++) {
      await askTimes(1)
      await endAll(400)
    }
    expect(await askTimes(64)).toBe(64)
  })

  it('is lowered once for all that were under way together', async () => {
    const { askTimes, endAll } = instanceOf()
    await askTimes(64)
    await endAll(1_000)
    expect(await askTimes(64)).toBe(51)
  })

  it('lets all in again when they have become fast', async () => {
    const { askTimes, endAll } = instanceOf()
    for (let round = 0; round < 40; round++) await endAll(1_000 * (await askTimes(64)))
    expect(await askTimes(64)).toBe(4)
    for (let round = 0; round < 60; round++) {
      await endAll(10)
      await askTimes(64)
    }
    await endAll(10)
    expect(await askTimes(64)).toBe(64)
  })
})
