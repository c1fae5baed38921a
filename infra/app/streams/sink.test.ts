import { describe, expect, it } from 'vitest'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { startSink } from '#stream-processors/runtime/sink.ts'
import { streamWorld } from './stream-world.fixture.ts'

describe('A sink', () => {
  it('stands aside while it may not go, and then carries everything', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: 'e1' }), interaction({ id: 'e2' }))
    const carried: string[] = []
    const asked = Promise.withResolvers<void>()
    let questions = 0
    let isFree = false
    const running = await startSink(
      {
        name: 'carried',
        topic: 'interactions',
        apply: async (records) => void carried.push(...records.map(({ event }) => event.id)),
      },
      {
        ...world,
        mayGo() {
          if (++questions === 2) asked.resolve()
          return isFree
        },
      },
    )
    await asked.promise
    expect(carried).toEqual([])
    isFree = true
    await running.caughtUp()
    expect(carried).toEqual(['e1', 'e2'])
    await running.stop()
  })

  it('stops while it stands aside', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: 'e1' }))
    const asked = Promise.withResolvers<void>()
    const running = await startSink(
      { name: 'carried', topic: 'interactions', apply: () => Promise.reject(new Error('it was not to go')) },
      {
        ...world,
        mayGo() {
          asked.resolve()
          return false
        },
      },
    )
    await asked.promise
    await running.stop()
    await expect(running.ended).resolves.toBeUndefined()
  })
})
