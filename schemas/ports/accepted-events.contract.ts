import { describe, expect, it } from 'vitest'
import { erase, interaction } from '../fold/events.fixture.ts'
import { acceptedEventsKept, type AcceptedEvents } from './accepted-events.ts'

export interface AcceptedEventsSubject {
  readonly accepted: AcceptedEvents
  /** Resolves once everything told is there. */
  readonly settled: () => Promise<void>
  /** Makes time pass for the ends of what is kept. */
  readonly pass: (ms: number) => Promise<void> | void
}

export function acceptedEventsContract(name: string, open: (keptMs?: number) => Promise<AcceptedEventsSubject>): void {
  const at = (offset: number) => ({ epoch: 1, partition: 3, offset })
  const view = (n: number, userId = 'ann') => ({
    event: interaction({ id: `e${n}`, userId, itemId: `i${n}` }),
    position: at(n),
  })

  describe(`Accepted events: ${name}`, () => {
    it('answers what was told of a user, oldest first, and of no other', async () => {
      const { accepted, settled } = await open()
      expect(await accepted.of('ann')).toEqual([])
      accepted.tell([view(1), view(2, 'bob'), view(3)])
      await settled()
      accepted.tell([{ event: erase('gone', { userId: 'ann' }), position: at(4) }])
      await settled()
      const of = { action: 'view', value: null }
      expect(await accepted.of('ann')).toEqual([
        { type: 'interaction', id: 'e1', itemId: 'i1', ...of, position: at(1) },
        { type: 'interaction', id: 'e3', itemId: 'i3', ...of, position: at(3) },
        { type: 'erase', id: 'gone', itemId: '', action: '', value: null, position: at(4) },
      ])
      expect((await accepted.of('bob')).map(({ id }) => id)).toEqual(['e2'])
    })

    it('keeps the newest of a user', async () => {
      const { accepted, settled } = await open()
      const told = Array.from({ length: acceptedEventsKept.events + 20 }, (_, n) => view(n))
      accepted.tell(told)
      await settled()
      const kept = await accepted.of('ann')
      expect(kept.map(({ id }) => id)).toEqual(told.slice(20).map(({ event }) => event.id))
    })

    it('forgets in time', async () => {
      const { accepted, settled, pass } = await open(200)
      accepted.tell([view(1)])
      await settled()
      await pass(400)
      expect(await accepted.of('ann')).toEqual([])
    })
  })
}
