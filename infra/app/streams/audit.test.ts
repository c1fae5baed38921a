import { describe, expect, it } from 'vitest'
import { adopt, erase, interaction } from '#schemas/fold/events.fixture.ts'
import { audit } from '#stream-processors/audit.ts'
import { streamWorld } from './stream-world.fixture.ts'

describe('The audit', () => {
  it('adds up counted, repeated, refused and dead to what was accepted', async () => {
    const world = streamWorld()
    const one = interaction({ id: '1' })
    await world.append(one, one, interaction({ id: '2', userId: 'bob' }), erase('e'), adopt('a', [], { basedOn: 0 }))
    await world.log.append('interactions', [{ key: 'ann', value: Uint8Array.of(0) }])
    await world.fold()
    expect(await audit(world)).toEqual({
      accepted: 6,
      folded: 3,
      repeated: 1,
      refused: 1,
      dead: 1,
      pending: 0,
      differing: [],
      balanced: true,
    })
  })

  it('calls pending what the fold has not reached', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: '1' }))
    await world.fold()
    await world.append(interaction({ id: '2' }))
    expect(await audit(world)).toMatchObject({ accepted: 2, folded: 1, pending: 1, balanced: true })
  })

  it('names users whose rows are not those of a fold from zero', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: '1' }), interaction({ id: '2', userId: 'bob' }))
    await world.fold()
    const head = (await world.features.user('ann'))!.head
    const bytes = world.codec.encodeRow('user-heads', { ...head, count: 7 })
    await world.store.write([{ table: 'user-heads', key: 'ann', part: 0, epoch: 1, offset: head.offset, bytes }])
    expect(await audit(world)).toMatchObject({ differing: ['ann'], balanced: false })
  })

  it('notices a row that no event has made', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: '1' }))
    await world.fold()
    const head = (await world.features.user('ann'))!.head
    const bytes = world.codec.encodeRow('user-heads', head)
    await world.store.write([{ table: 'user-heads', key: 'ghost', part: 0, epoch: 1, offset: 0, bytes }])
    expect((await audit(world)).balanced).toBe(false)
  })
})
