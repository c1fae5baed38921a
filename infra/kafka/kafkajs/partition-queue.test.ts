import { describe, expect, it } from 'vitest'
import type { LogRecord } from '#schemas/ports/event-log.ts'
import { partitionQueue } from './partition-queue.ts'

const record = (offset: number): LogRecord => ({ offset, key: 'k', value: new Uint8Array(1), timestamp: 0 })
const { signal } = new AbortController()

describe('What was fetched of a partition', () => {
  it('is taken in one batch, however many answers brought it', async () => {
    const queue = partitionQueue(0, 0, () => {})
    for (let offset = 0; offset < 5; offset++) queue.put({ records: [record(offset)], next: offset + 1 })
    const { records, next } = (await queue.take(4, signal))!
    expect({ offsets: records.map(({ offset }) => offset), next }).toEqual({ offsets: [0, 1, 2, 3], next: 4 })
    expect(await queue.take(4, signal)).toMatchObject({ next: 5 })
    expect(queue.bytes()).toBe(0)
  })

  it('goes on within an answer that was not taken whole, and past offsets that hold nothing', async () => {
    const queue = partitionQueue(0, 10, () => {})
    queue.put({ records: [record(10), record(11), record(15)], next: 20 })
    expect(await queue.take(2, signal)).toMatchObject({ next: 12 })
    queue.put({ records: [], next: 30 })
    const { records, next } = (await queue.take(2, signal))!
    expect({ offsets: records.map(({ offset }) => offset), next }).toEqual({ offsets: [15], next: 30 })
  })

  it('fails only after all of it was taken', async () => {
    const queue = partitionQueue(0, 0, () => {})
    queue.put({ records: [record(0)], next: 1 })
    queue.fail(new Error('lost'))
    expect(await queue.take(2, signal)).toMatchObject({ next: 1 })
    await expect(queue.take(2, signal)).rejects.toThrow('lost')
  })
})
