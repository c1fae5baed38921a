import { describe, expect, it } from 'vitest'
import { stallCheck, type WatchedPartition } from './watchdog.ts'

function world() {
  const state = { now: 0, position: 5, end: 5, hasRoom: true, canAsk: true, answeredAt: -Infinity }
  const stalls: (readonly WatchedPartition[])[] = []
  const asked: (readonly number[])[] = []
  const check = stallCheck({
    stallMs: 1_000,
    partitions: () => {
      const { position, hasRoom, answeredAt } = state
      return [{ partition: 3, position, hasRoom, answeredAt }]
    },
    async ends(partitions) {
      asked.push(partitions)
      if (!state.canAsk) throw new Error('nobody answers')
      return new Map([[3, state.end]])
    },
    onStall: (partitions) => void stalls.push(partitions),
    now: () => state.now,
  })
  const look = async (change: Partial<typeof state>): Promise<void> => {
    Object.assign(state, change)
    await check()
  }
  return { look, stalls, asked }
}

describe('The watchdog', () => {
  it('notices records that lie unfetched too long', async () => {
    const { look, stalls } = world()
    await look({})
    await look({ now: 100, end: 6 })
    await look({ now: 1_099 })
    expect(stalls).toEqual([])
    await look({ now: 1_100 })
    expect(stalls).toEqual([[{ partition: 3, position: 5, hasRoom: true, answeredAt: -Infinity }]])
  })

  it('leaves a consumer alone that waits at the end of the log, however long, when a record comes', async () => {
    const { look, stalls } = world()
    await look({})
    await look({ now: 1_000_000 })
    await look({ now: 2_000_000, end: 6 })
    expect(stalls).toEqual([])
  })

  it('begins anew when the consumer moves', async () => {
    const { look, stalls } = world()
    await look({})
    await look({ now: 100, end: 9 })
    await look({ now: 1_050, position: 6 })
    await look({ now: 1_150 })
    await look({ now: 2_100 })
    expect(stalls).toEqual([])
    await look({ now: 2_150 })
    expect(stalls).toHaveLength(1)
  })

  it('leaves a consumer alone whose answers are full of other partitions, until none comes', async () => {
    const { look, stalls } = world()
    for (let now = 0; now <= 10_000; now += 500) await look({ now, end: 9, answeredAt: now })
    await look({ now: 10_999 })
    expect(stalls).toEqual([])
    await look({ now: 11_000 })
    expect(stalls).toHaveLength(1)
  })

  it('leaves a consumer alone whose reader is behind', async () => {
    const { look, stalls } = world()
    for (let now = 0; now < 10_000; now += 500) await look({ now, end: 9, hasRoom: false })
    expect(stalls).toEqual([])
  })

  it('asks nothing about partitions that move', async () => {
    const { look, asked } = world()
    for (let position = 5; position < 10; position++) await look({ now: position, position, end: 100 })
    expect(asked).toEqual([])
  })

  it('knows nothing new while the log cannot be asked', async () => {
    const { look, stalls } = world()
    await look({})
    await look({ now: 100, end: 6, canAsk: false })
    await look({ now: 5_000 })
    expect(stalls).toEqual([])
    await look({ now: 5_100, canAsk: true })
    await look({ now: 6_100 })
    expect(stalls).toHaveLength(1)
  })
})
