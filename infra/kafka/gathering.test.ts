import type { AppendRecord } from '#schemas/ports/event-log.ts'
import type { KafkaProducer, PartitionRecords } from './client.ts'
import type { GatheringOptions } from './gathering.ts'
import { MillraceError } from '#schemas/errors.ts'
import { describe, expect, it } from 'vitest'
import { gathering } from './gathering.ts'
import { beginAppend } from './send.ts'

const failed = new MillraceError('store-failed', 'lost', { retriable: true })

/** Producers whose sends are answered by the test. */
function sends() {
  const open: { batches: readonly PartitionRecords[]; answer: PromiseWithResolvers<readonly number[]> }[] = []
  let producers = 0
  let closed = 0
  const createProducer = async (): Promise<KafkaProducer> => {
    producers += 1
    return {
      async send(batches) {
        const answer = Promise.withResolvers<readonly number[]>()
        open.push({ batches, answer })
        return await answer.promise
      },
      async close() {
        closed += 1
      },
    }
  }
  return {
    open,
    createProducer,
    get producers() {
      return { made: producers, closed }
    },
    /** Waits for the nth send from the first on. */
    async nth(n: number) {
      while (open[n] === undefined) await new Promise((resolve) => setImmediate(resolve))
      const { batches, answer } = open[n]
      return { values: batches.map(({ partition, records }) => [partition, ...records.map(textOf)]), answer }
    },
  }
}

function textOf({ value }: { readonly value: Uint8Array }): string {
  return new TextDecoder().decode(value)
}

/** Records `partition:value`. */
function append(...places: readonly string[]) {
  const records: AppendRecord[] = places.map((place) => ({
    key: place.split(':')[0]!,
    value: new TextEncoder().encode(place.split(':')[1]),
  }))
  return beginAppend('topic', records, Number, 0)
}

function begin(options: Partial<GatheringOptions> = {}) {
  const all = sends()
  const failures: unknown[] = []
  const limits = { maxPendingBytes: 10_000, lingerMs: 0, maxSendBytes: 1_000, maxBatchBytes: 1_000 }
  const log = gathering({
    ...limits,
    createProducer: all.createProducer,
    onFailure: (error) => failures.push(error),
    ...options,
  })
  return { all, log, failures }
}

describe('Gathering', () => {
  it('has one send outstanding, and gathers what arrives meanwhile into the next', async () => {
    const { all, log } = begin()
    const first = log.append(append('0:a'))
    const one = await all.nth(0)
    const later = [log.append(append('0:b', '1:c')), log.append(append('0:d'))]
    expect([one.values, all.open.length]).toEqual([[[0, 'a']], 1])
    one.answer.resolve([5])
    const two = await all.nth(1)
    expect(two.values).toEqual([
      [0, 'b', 'd'],
      [1, 'c'],
    ])
    two.answer.resolve([6, 0])
    expect(await Promise.all([first, ...later])).toEqual([
      [{ partition: 0, offset: 5 }],
      [
        { partition: 0, offset: 6 },
        { partition: 1, offset: 0 },
      ],
      [{ partition: 0, offset: 7 }],
    ])
  })

  it('waits for others up to a time, or until there is enough for a send', async () => {
    const { all, log } = begin({ lingerMs: 100_000, maxSendBytes: 100 })
    const appends = [log.append(append('0:a')), log.append(append('0:b')), log.append(append('0:c'))]
    expect(all.open).toHaveLength(0)
    appends.push(log.append(append('0:d')))
    const one = await all.nth(0)
    expect(one.values).toEqual([[0, 'a', 'b']])
    one.answer.resolve([0])
    const two = await all.nth(1)
    expect(two.values).toEqual([[0, 'c', 'd']])
    two.answer.resolve([2])
    await Promise.all(appends)
  })

  it('cuts a long append into sends that hold a prefix each, bounded as a whole and by partition', async () => {
    const { all, log } = begin({ maxBatchBytes: 70 })
    const appending = log.append(append('0:a', '0:b', '1:c', '0:d', '1:e'))
    const one = await all.nth(0)
    expect(one.values).toEqual([
      [0, 'a', 'b'],
      [1, 'c'],
    ])
    one.answer.resolve([0, 0])
    const two = await all.nth(1)
    expect(two.values).toEqual([
      [0, 'd'],
      [1, 'e'],
    ])
    two.answer.resolve([2, 1])
    expect((await appending).map(({ offset }) => offset)).toEqual([0, 1, 0, 2, 1])
  })

  it('ends with a failed send its producer and all of every append in it, and goes on with the others', async () => {
    const { all, log, failures } = begin({ maxBatchBytes: 70 })
    const cut = Promise.allSettled([log.append(append('0:a')), log.append(append('0:b', '0:c', '0:d', '1:e'))])
    const after = log.append(append('0:f', '0:g', '0:h'))
    const one = await all.nth(0)
    expect(one.values).toEqual([[0, 'a', 'b']])
    one.answer.reject(failed)
    expect(await cut).toEqual([
      { status: 'rejected', reason: failed },
      { status: 'rejected', reason: failed },
    ])
    const two = await all.nth(1)
    expect(two.values).toEqual([[0, 'f', 'g']])
    expect(all.producers).toEqual({ made: 2, closed: 1 })
    two.answer.reject(failed)
    await expect(after).rejects.toBe(failed)
    expect([all.open.length, failures.length]).toEqual([2, 2])
  })

  it('refuses what its buffer has no room for, but nothing because it alone is larger', async () => {
    const { all, log } = begin({ maxPendingBytes: 60 })
    const large = log.append(append('0:a', '0:b', '0:c'))
    await expect(log.append(append('0:d'))).rejects.toMatchObject({ code: 'log-full', retriable: true })
    ;(await all.nth(0)).answer.resolve([0])
    await large
    const next = log.append(append('0:d'))
    ;(await all.nth(1)).answer.resolve([3])
    expect(await next).toEqual([{ partition: 0, offset: 3 }])
  })

  it('fails all that waits when there is no producer to be had', async () => {
    const { all, log } = begin({
      maxSendBytes: 40,
      createProducer: async () => {
        if (all.open.length === 0) throw new Error('nobody there')
        return await all.createProducer()
      },
    })
    const waiting = [log.append(append('0:a')), log.append(append('0:b'))]
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected')
    await expect(waiting[1]).rejects.toMatchObject({ code: 'store-failed', retriable: true })
  })

  it('sends what waits before it closes, then refuses', async () => {
    const { all, log } = begin({ lingerMs: 100_000 })
    const appending = log.append(append('0:a'))
    const closing = log.close()
    await expect(log.append(append('0:b'))).rejects.toMatchObject({ code: 'stopped' })
    ;(await all.nth(0)).answer.resolve([0])
    expect(await appending).toHaveLength(1)
    await closing
    expect(all.producers).toEqual({ made: 1, closed: 1 })
  })
})
