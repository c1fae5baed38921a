import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Tail, TailOptions } from './tail.ts'

export interface TailUnderTest {
  readonly tail: Tail
  /** Appends interactions with these ids, all of one user; an id of `?` is appended as bytes that cannot be read. */
  append(...ids: readonly string[]): Promise<void>
  dispose(): Promise<void>
}

/** What every tail does. `open` makes one on an empty log. */
export function tailContract(name: string, open: () => Promise<TailUnderTest>): void {
  describe(`${name} as a tail`, () => {
    let under: TailUnderTest
    beforeEach(async () => {
      under = await open()
    })
    afterEach(async () => await under.dispose())

    async function follow(given: Partial<TailOptions<'interactions'>> = {}) {
      const seen: string[] = []
      const unreadable: unknown[] = []
      const tailing = await under.tail.follow({
        name: 'test',
        topic: 'interactions',
        from: 'start',
        apply: (records) => void seen.push(...records.map(({ event }) => event.id)),
        onUnreadable: (_, error) => void unreadable.push(error),
        ...given,
      })
      return { seen, unreadable, tailing }
    }

    it('applies what is there, then what comes', async () => {
      await under.append('a')
      const { seen, tailing } = await follow()
      await tailing.caughtUp()
      expect(seen).toEqual(['a'])
      await under.append('b', 'c')
      await tailing.caughtUp()
      expect(seen).toEqual(['a', 'b', 'c'])
      await tailing.stop()
    })

    it('begins at the end when it is told to', async () => {
      await under.append('a')
      const { seen, tailing } = await follow({ from: 'end' })
      await under.append('b')
      await tailing.caughtUp()
      expect(seen).toEqual(['b'])
      await tailing.stop()
    })

    it('goes on from the positions of an earlier one', async () => {
      await under.append('a')
      const first = await follow()
      await first.tailing.caughtUp()
      await first.tailing.stop()
      await under.append('b')
      const second = await follow({ from: first.tailing.positions() })
      await second.tailing.caughtUp()
      expect([first.seen, second.seen]).toEqual([['a'], ['b']])
      await second.tailing.stop()
    })

    it('waits for one batch to be applied before it brings the next', async () => {
      let running = 0
      let most = 0
      const { tailing } = await follow({
        async apply() {
          running++
          most = Math.max(most, running)
          await new Promise((resolve) => {
            setImmediate(resolve)
          })
          running--
        },
      })
      for (let i = 0; i < 20; i++) await under.append(`e${i}`)
      await tailing.caughtUp()
      expect(most).toBe(1)
      await tailing.stop()
    })

    it('finishes the batch under way when it is stopped, and applies no other', async () => {
      const finished: string[] = []
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
      const { promise: gate, resolve: open } = Promise.withResolvers<void>()
      const { tailing } = await follow({
        async apply(records) {
          begin()
          await gate
          finished.push(...records.map(({ event }) => event.id))
        },
      })
      await under.append('a')
      await begun
      const stopped = tailing.stop()
      await under.append('b')
      open()
      await stopped
      expect(finished).toEqual(['a'])
      await tailing.ended
    })

    it('reports what it cannot read, and goes on', async () => {
      await under.append('?', 'a')
      const { seen, unreadable, tailing } = await follow()
      await tailing.caughtUp()
      expect([seen, unreadable.length]).toEqual([['a'], 1])
      await tailing.stop()
    })

    it('ends with the error of its fold, and says so to whoever waits', async () => {
      await under.append('a')
      const { tailing } = await follow({
        apply() {
          throw new Error('no room')
        },
      })
      await expect(tailing.ended).rejects.toThrow('no room')
      await expect(tailing.caughtUp()).rejects.toThrow('no room')
    })
  })
}
