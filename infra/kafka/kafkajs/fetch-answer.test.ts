import { describe, expect, it } from 'vitest'
import { readAnswer, type FetchedMessage, type PartitionAnswer } from './fetch-answer.ts'

interface Made {
  readonly offset: number
  readonly producer?: string
  readonly mark?: 'abort' | 'commit'
}

const answer = (messages: readonly Made[], aborted: readonly (readonly [string, number])[] = []): PartitionAnswer => ({
  partition: 0,
  highWatermark: '100',
  lastStableOffset: '100',
  abortedTransactions: aborted.map(([producerId, first]) => ({ producerId, firstOffset: String(first) })),
  messages: messages.map(message),
})

function message({ offset, producer, mark }: Made): FetchedMessage {
  const markKey = Buffer.from([0, 0, 0, mark === 'commit' ? 1 : 0])
  return {
    offset: String(offset),
    timestamp: '7',
    key: mark === undefined ? Buffer.from(`k${offset}`) : markKey,
    value: Buffer.from('v'),
    isControlRecord: mark !== undefined,
    batchContext: { producerId: producer ?? '-1', inTransaction: producer !== undefined },
  }
}

const offsets = (...given: Parameters<typeof readAnswer>) => readAnswer(...given)?.records.map(({ offset }) => offset)

describe('The answer to a fetch', () => {
  it('begins at the offset asked for, though the batch begins before it', () => {
    expect(readAnswer(answer([{ offset: 3 }, { offset: 4 }, { offset: 6 }]), 4)).toEqual({
      records: [
        { offset: 4, key: 'k4', value: Buffer.from('v'), timestamp: 7 },
        { offset: 6, key: 'k6', value: Buffer.from('v'), timestamp: 7 },
      ],
      next: 7,
    })
  })

  it('holds nothing when everything in it lies below', () => {
    expect(readAnswer(answer([{ offset: 3 }]), 4)).toBeUndefined()
    expect(readAnswer(answer([]), 4)).toBeUndefined()
  })

  it('goes past marks of transactions without showing them', () => {
    const made = answer([
      { offset: 0, producer: 'a' },
      { offset: 1, producer: 'a', mark: 'commit' },
    ])
    expect(readAnswer(made, 0)).toMatchObject({ records: [{ offset: 0 }], next: 2 })
    expect(readAnswer(made, 1)).toEqual({ records: [], next: 2 })
  })

  it('leaves out what was written in a transaction that was given up, of that producer and until its mark', () => {
    const made = answer(
      [
        { offset: 0, producer: 'a' },
        { offset: 1 },
        { offset: 2, producer: 'b' },
        { offset: 3, producer: 'a' },
        { offset: 4, producer: 'a', mark: 'abort' },
        { offset: 5, producer: 'a' },
        { offset: 6, producer: 'b', mark: 'commit' },
      ],
      [['a', 0]],
    )
    expect(offsets(made, 0)).toEqual([1, 2, 5])
  })

  it('knows a transaction that began below the offset asked for', () => {
    const made = answer(
      [
        { offset: 8, producer: 'a' },
        { offset: 9, producer: 'a', mark: 'abort' },
        { offset: 10, producer: 'a' },
      ],
      [['a', 2]],
    )
    expect(offsets(made, 8)).toEqual([10])
  })

  it('reads a record without a key or a value as empty ones', () => {
    const [one] = answer([{ offset: 0 }]).messages
    const bare = { ...answer([]), messages: one === undefined ? [] : [{ ...one, key: null, value: null }] }
    expect(readAnswer(bare, 0)?.records).toEqual([{ offset: 0, key: '', value: new Uint8Array(0), timestamp: 7 }])
  })
})
