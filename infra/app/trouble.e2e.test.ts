import { describe, expect, it } from 'vitest'
import type { DeadLetter } from '#schemas/events/derived.ts'
import { loadConfig } from './config.ts'
import { openEmbedded } from './embedded.ts'
import type { Parts } from './parts.ts'
import { startMillrace } from './proof/millrace-process.fixture.ts'
import { post, reconciled, standaloneOn } from './proof/running.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

const view = { userId: 'ann', itemId: 'film', type: 'view' }

describe('Events that are sent again', () => {
  it('count once, ten thousand times at once or after a thousand others', async () => {
    await using folder = await temporaryFolder()
    const running = await standaloneOn(folder.path)
    const copies = Array.from({ length: 10_000 }, () => ({ ...view, id: 'one' }))
    const others = Array.from({ length: 1_000 }, (_, n) => ({ ...view, id: `other ${n}`, itemId: `film-${n % 70}` }))
    for (const batch of [copies, others, copies.slice(0, 10), others]) {
      expect((await post(running.url, '/v1/interactions', batch)).status).toBe(202)
    }
    await running.caughtUp()
    expect((await running.parts.features.user('ann'))?.head.actionCounts).toEqual([{ action: 'view', count: 1_001 }])
    await running.close()
    const { counts, differing } = await reconciled(folder.path)
    expect(counts).toMatchObject({ accepted: 12_010, folded: 1_001, repeated: 11_009, dead: 0, balanced: true })
    expect(differing).toEqual([])
  })
})

describe('Events that come late', () => {
  it('by years and out of order are counted like any other, each at its own time', async () => {
    await using folder = await temporaryFolder()
    const running = await standaloneOn(folder.path)
    const years = [2019, 1975, 2024, 1999, 1970, 2010]
    const events = years.map((year) => ({ ...view, id: `${year}`, occurredAt: `${year}-05-01T00:00:00Z` }))
    expect((await post(running.url, '/v1/interactions', events)).body).toMatchObject({ accepted: 6 })
    await running.caughtUp()
    const { history } = (await running.parts.features.user('ann'))!
    expect(history.map(({ occurredAt }) => new Date(occurredAt).getUTCFullYear())).toEqual(years)
    const { partial } = await running.parts.features.itemFeatures('film')
    expect(partial).toMatchObject([{ time: Date.UTC(2024, 4, 1), actions: [{ action: 'view', total: 6 }] }])
    await running.close()
    expect(await reconciled(folder.path)).toMatchObject({ counts: { folded: 6, balanced: true }, differing: [] })
  })
})

describe('Records that cannot be folded', () => {
  it('are put aside once with place and code, and the fold goes on', async () => {
    await using folder = await temporaryFolder()
    const first = await standaloneOn(folder.path)
    const { log, codec } = first.parts
    await post(first.url, '/v1/interactions', { ...view, id: 'before' })
    const event = { ...view, type: 'interaction', action: 'view', id: '', occurredAt: 1, acceptedAt: 1 } as const
    const rest = { value: null, sessionId: null, context: null, attribution: null, source: null, sequence: null }
    const nameless = codec.encodeEvent('interactions', { ...event, ...rest, mended: false })
    const garbage = Uint8Array.of(9, 9, 9)
    const places = await log.append('interactions', [
      { key: 'ann', value: garbage },
      { key: 'ann', value: nameless },
    ])
    await post(first.url, '/v1/interactions', { ...view, id: 'after' })
    await first.caughtUp()
    const expected = [
      { topic: 'interactions', key: 'ann', position: places[0], code: 'record-unreadable', bytes: garbage },
      { topic: 'interactions', key: 'ann', position: places[1], code: 'invalid-input', bytes: nameless },
    ]
    expect(await deadLettersOf(first.parts)).toMatchObject(expected)
    expect((await first.parts.features.user('ann'))?.history.map(({ id }) => id)).toEqual(['before', 'after'])
    await first.close()

    const second = await standaloneOn(folder.path)
    await second.caughtUp()
    await second.parts.store.saveCheckpoint('interactions', { ...places[0]!, offset: 0 })
    await second.close()
    const { counts, differing } = await reconciled(folder.path)
    expect(counts).toMatchObject({ accepted: 4, folded: 2, repeated: 0, dead: 2, balanced: true })
    expect(differing).toEqual([])
    await onParts(folder.path, async (parts) => expect(await deadLettersOf(parts)).toHaveLength(2))
  })

  it('because a newer release wrote them stop the process, and nothing is passed over', async () => {
    await using folder = await temporaryFolder()
    const before = await standaloneOn(folder.path)
    await post(before.url, '/v1/interactions', { ...view, id: 'before' })
    await before.caughtUp()
    const [place] = await onParts(
      folder.path,
      ({ log }) =>
        log.append('interactions', [
          { key: 'ann', value: Uint8Array.of(0x4d, 99, 1, 2, 3) },
          { key: 'ann', value: Uint8Array.of(9, 9, 9) },
        ]),
      before.close(),
    )
    for (let start = 0; start < 2; start++) {
      await using running = startMillrace(['standalone', '--data', folder.path, '--port', '0', '--no-demo'])
      expect(await running.ended).toBe(1)
      expect(running.stderr()).toContain('interactions')
      expect(running.stderr()).toMatch(/version 99/)
      expect(running.stderr()).not.toMatch(/^\s+at /m)
    }
    await onParts(folder.path, async (parts) => {
      expect(await parts.store.checkpoint('interactions', place!.partition)).toEqual(place)
      expect(await deadLettersOf(parts)).toEqual([])
    })
  })
})

async function onParts<T>(dataDir: string, use: (parts: Parts) => Promise<T>, after?: Promise<void>): Promise<T> {
  await after
  const parts = await openEmbedded(loadConfig({ env: {}, flags: { dataDir } }))
  try {
    return await use(parts)
  } finally {
    await parts.close()
  }
}

async function deadLettersOf({ log, codec }: Parts): Promise<DeadLetter[]> {
  const found: DeadLetter[] = []
  for (const { epoch, partition, start } of await log.bounds('dead-letters')) {
    for await (const records of log.read('dead-letters', { epoch, partition, offset: start })) {
      found.push(...records.map(({ value }) => codec.decodeEvent('dead-letters', value)))
    }
  }
  return found
}
