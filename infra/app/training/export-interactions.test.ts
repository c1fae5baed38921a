import { describe, expect, it } from 'vitest'
import { exportInteractions, splitFor } from '#batch/export-interactions.ts'
import { gateHoldout } from '#batch/holdout.ts'
import { readHistories } from '#batch/read-histories.ts'
import { parts } from '#batch/splits.ts'
import { memoryInteractionTable } from '#infra/memory/interaction-table.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { foldUser } from '#schemas/fold/user-fold.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import type { ExportHoldout } from '#schemas/models/interaction-export.ts'
import { defaultFoldSettings as settings } from '#schemas/settings.ts'
import { checkerboard, interaction, trainingWorld } from './training.fixture.ts'

type World = ReturnType<typeof trainingWorld>

const newest: ExportHoldout = { kind: 'after-positions', share: 0.1, seed: 1 }

/** The live rows of all that is on the log now. */
async function foldedStore({ log, codec }: World) {
  const store = memoryStateStore()
  for (const { epoch, partition, start } of await log.bounds('interactions')) {
    const rows = mapRows({ tables: ['user-heads', 'user-chunks', 'user-ids'] })
    for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
      for (const { offset, value } of records) {
        const event = codec.decodeEvent('interactions', value)
        foldUser(rows, event, { epoch, partition, offset, acceptedAt: event.acceptedAt }, settings)
      }
    }
    for (const { key, part, row } of rows.entries('user-heads')) {
      const bytes = codec.encodeRow('user-heads', row)
      await store.write([{ table: 'user-heads', key, part, epoch, offset: row.offset, bytes }])
    }
  }
  return store
}

async function exported(
  world: World,
  holdout: ExportHoldout = newest,
  store?: Awaited<ReturnType<typeof foldedStore>>,
) {
  const table = memoryInteractionTable()
  const rows = store ?? (await foldedStore(world))
  const report = await exportInteractions({ ...world, settings, table, store: rows, holdout })
  return { report, table }
}

function erase(userId: string, time: number): InteractionsEvent {
  return { type: 'erase', id: `erase ${userId}`, userId, occurredAt: time, acceptedAt: time }
}

function adopt(userId: string, guestId: string, guestOffset: number): InteractionsEvent {
  const carried = {
    itemId: 'g',
    action: 'like',
    value: null,
    occurredAt: 5,
    acceptedAt: 5,
    guestOffset,
    id: 'of guest',
  }
  const event = { id: `adopt ${guestId}`, occurredAt: 50, acceptedAt: 50, basedOn: -1, history: [carried] }
  return { type: 'adopt', userId, guestId, ...event }
}

describe('An export of interactions', () => {
  it('leaves out who was erased, gives a guest’s to the user, and holds a repeat once', async () => {
    const world = trainingWorld()
    const seen = interaction('ada', 'a', 1, 'view')
    await world.append([seen, seen, interaction('bob', 'b', 2), interaction('ada', 'a', 3), seen])
    await world.append([erase('bob', 9), adopt('ada', 'guest', 0)])
    const { report, table } = await exported(world)
    const found = table.rows.map(({ userId, itemId, action, weight, time }) => [userId, itemId, action, weight, time])
    expect(found).toEqual([
      ['ada', 'a', 'view', 1, 1],
      ['ada', 'a', 'like', 4, 3],
      ['ada', 'g', 'like', 4, 5],
    ])
    expect(report).toMatchObject({ rows: 3, users: 1, items: 2, folded: 3, agreeing: 1, differing: [], balanced: true })
    const ends = (await world.log.bounds('interactions')).map(({ end }) => end)
    expect(table.manifest()?.positions.map(({ offset }) => offset)).toEqual(ends)
  })

  it.each([newest, { kind: 'random', share: 0.3, seed: 5 } as const])(
    'marks the same rows a partition at a time as over the whole log: %o',
    async (holdout) => {
      const world = trainingWorld()
      await world.append(checkerboard(40, 20).toSorted((a, b) => (a.id < b.id ? -1 : 1)))
      const { table, report } = await exported(world, holdout)
      const histories = await readHistories({ ...world, settings })
      const split = splitFor(histories, holdout)
      expect(table.rows.map(({ heldOut }) => heldOut)).toEqual(Array.from(split, (part) => part === parts.heldOut))
      expect(report.heldOut).toBeGreaterThan(0)
    },
  )

  it('leaves to a training the pairs that the gate of a training on the same log fits to', async () => {
    const world = trainingWorld()
    await world.append(checkerboard(40, 20).toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    const histories = await readHistories({ ...world, settings })
    const gate = gateHoldout(histories, settings, { seed: 5 })!
    const { table } = await exported(world, { kind: gate.kind, share: 0.1, seed: 5 })
    const pairs = table.rows.filter(({ heldOut }) => !heldOut).map(({ userId, itemId }) => `${userId} ${itemId}`)
    const { train } = gate.set
    const fitted = train.userIds.flatMap((userId, row) =>
      Array.from(train.byUser.indices.subarray(train.byUser.starts[row], train.byUser.starts[row + 1])).map(
        (column) => `${userId} ${train.itemIds[column]}`,
      ),
    )
    expect(pairs.toSorted()).toEqual(fitted.toSorted())
    expect(pairs.length).toBeLessThan(table.rows.length)
  })

  it('finds rows that do not hold what was written, and passes over those that have moved on', async () => {
    const world = trainingWorld()
    await world.append([interaction('ada', 'a', 1), interaction('bob', 'b', 2)])
    const before = await foldedStore(world)
    await world.append([interaction('bob', 'c', 3)])
    const { report } = await exported(world, newest, before)
    expect(report).toMatchObject({ agreeing: 1, differing: ['bob'], balanced: false })
    const to = (await world.log.bounds('interactions')).map(({ end, ...at }) => ({ ...at, offset: end }))
    await world.append([interaction('ada', 'd', 4)])
    const after = await exportInteractions({
      ...world,
      settings,
      to,
      table: memoryInteractionTable(),
      store: await foldedStore(world),
      holdout: newest,
    })
    expect(after).toMatchObject({ rows: 3, agreeing: 1, movedOn: 1, differing: [], balanced: true })
  })

  it('of an empty log is an empty table', async () => {
    const { report } = await exported(trainingWorld())
    expect(report).toMatchObject({ rows: 0, files: 0, balanced: true })
  })
})
