import { describe, expect, it } from 'vitest'
import { interaction } from '#schemas/fold/events.fixture.ts'
import type { TailOptions } from '#schemas/ports/tail.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import { streamWorld, type StreamWorld } from './stream-world.fixture.ts'

function follow(world: StreamWorld, given: Partial<TailOptions<'interactions'>> = {}) {
  const seen: string[] = []
  const unreadable: unknown[] = []
  const tailing = logTail(world).follow({
    name: 'test',
    topic: 'interactions',
    from: 'start',
    apply: (records) => void seen.push(...records.map(({ event }) => event.id)),
    onUnreadable: (_, error) => void unreadable.push(error),
    ...given,
  })
  return { seen, unreadable, tailing }
}

describe('A tail', () => {
  it('applies what is there, then what comes', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: 'a' }))
    const { seen, tailing } = follow(world)
    const tail = await tailing
    await tail.caughtUp()
    expect(seen).toEqual(['a'])
    await world.append(interaction({ id: 'b' }))
    await tail.caughtUp()
    expect(seen).toEqual(['a', 'b'])
    await tail.stop()
  })

  it('begins at the end, or where an earlier one ended', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: 'a' }))
    const first = follow(world, { from: 'end' })
    const tail = await first.tailing
    await world.append(interaction({ id: 'b' }))
    await tail.caughtUp()
    await tail.stop()
    await world.append(interaction({ id: 'c' }))
    const second = follow(world, { from: tail.positions() })
    await (await second.tailing).caughtUp()
    expect([first.seen, second.seen]).toEqual([['b'], ['c']])
    await (await second.tailing).stop()
  })

  it('reports what it cannot read, and goes on', async () => {
    const world = streamWorld()
    await world.log.append('interactions', [{ key: 'ann', value: Uint8Array.of(9) }])
    await world.append(interaction({ id: 'a' }))
    const { seen, unreadable, tailing } = follow(world)
    await (await tailing).caughtUp()
    expect([seen, unreadable.length]).toEqual([['a'], 1])
    await (await tailing).stop()
  })

  it('ends with the error of its fold, and says so to whoever waits', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: 'a' }))
    const { tailing } = follow(world, {
      apply() {
        throw new Error('no room')
      },
    })
    const tail = await tailing
    await expect(tail.ended).rejects.toThrow('no room')
    await expect(tail.caughtUp()).rejects.toThrow('no room')
  })
})
