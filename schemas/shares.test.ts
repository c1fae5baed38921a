import { describe, expect, it } from 'vitest'
import { shareCalls } from './shares.ts'

/** Each call is held until it is let go. */
function heldCalls() {
  const told: (readonly number[])[] = []
  const gates: (() => void)[] = []
  const calls = shareCalls((partitions) => {
    told.push(partitions)
    return new Promise((resolve) => gates.push(resolve))
  })
  const letGo = async () => {
    gates.shift()?.()
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  return { told, calls, letGo }
}

describe('Share calls', () => {
  it('tell the first share even when it is empty, and no share twice', async () => {
    const told: (readonly number[])[] = []
    const calls = shareCalls(async (partitions) => void told.push(partitions))
    await calls.set([])
    await calls.set([])
    await calls.set([2, 1])
    await calls.set([1, 2])
    expect(told).toEqual([[], [1, 2]])
  })

  it('tell one at a time, and only the newest of what waited', async () => {
    const { told, calls, letGo } = heldCalls()
    void calls.set([1])
    void calls.set([1, 2])
    const last = calls.set([1, 2, 3])
    expect(told).toEqual([[1]])
    await letGo()
    expect(told).toEqual([[1], [1, 2, 3]])
    await letGo()
    await last
  })

  it('tell a partition as lost before it is owned again, however short the loss', async () => {
    const { told, calls, letGo } = heldCalls()
    void calls.set([1, 2, 3])
    void calls.set([1])
    void calls.set([1, 3])
    await letGo()
    await letGo()
    expect(told).toEqual([[1, 2, 3], [1], [1, 3]])
  })

  it('tell a whole share as lost when it was broken', async () => {
    const told: (readonly number[])[] = []
    const calls = shareCalls(async (partitions) => void told.push(partitions))
    await calls.set([1, 2])
    await calls.set([1, 2], { broken: true })
    expect(told).toEqual([[1, 2], [], [1, 2]])
  })

  it('end with the first call that rejects', async () => {
    const failure = new Error('cannot')
    let calls = 0
    const shares = shareCalls(() => {
      calls++
      return Promise.reject(failure)
    })
    await expect(shares.set([1])).rejects.toBe(failure)
    await expect(shares.set([2])).rejects.toBe(failure)
    expect(calls).toBe(1)
  })
})
