import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { Environment } from './environment.ts'
import type { Block } from './log-block.ts'
import type { LogPartition } from './log-partitions.ts'
import { topics } from '#schemas/topics.ts'
import { filterBlock, readBlock } from './log-block.ts'
import { blockKey, blocksAfter, blocksFrom, writeMark } from './log-partition.ts'

/** Blocks looked at in one turn of the event loop, and changed in one transaction. */
const blocksAtOnce = 64

export interface RetentionOptions {
  readonly environment: Environment
  readonly topic: TopicName
  readonly at: LogPartition
  readonly now: number
  /** For retention by time: nothing at or above this offset goes. */
  readonly keepFrom: number | undefined
}

/** Removes from one partition what its topic's retention allows. Readers may go on meanwhile. */
export async function applyRetention({ environment, topic, at, now, keepFrom }: RetentionOptions): Promise<void> {
  const { retention } = topics[topic]
  switch (retention.type) {
    case 'for-ever':
      return
    case 'time': {
      const before = now - retention.ms
      const goesUpTo = keepFrom ?? at.end
      return await trim(environment, at, ({ timestamp, offset }) => timestamp >= before || offset >= goesUpTo)
    }
    case 'compact':
      return await compact(environment, at, now - retention.minAgeMs)
  }
}

/** Removes records from the oldest on, up to the first that is to be kept. */
async function trim(environment: Environment, at: LogPartition, isKept: (record: LogRecord) => boolean): Promise<void> {
  const { end } = at
  for await (const blocks of slices(at, at.trimmedTo)) {
    const before = at.trimmedTo
    const records = blocks.flatMap((block) => readBlock(block))
    const firstKept = records.find((record) => record.offset >= end || isKept(record))
    const trimmedTo = firstKept?.offset ?? (records.at(-1)?.offset ?? before - 1) + 1
    if (trimmedTo <= before) return
    // Readers are told before the records go, so that none passes over the gap.
    at.trimmedTo = trimmedTo
    try {
      const mark = writeMark({ end, trimmedTo })
      await replace(
        environment,
        at,
        blocks,
        ({ offset }) => offset >= trimmedTo,
        () => {
          void at.marks.put(at.markKey, mark)
        },
      )
    } catch (error) {
      at.trimmedTo = before
      throw error
    }
    if (firstKept !== undefined) return
  }
}

/** Removes records older than `before` that a newer one of their key has replaced. */
async function compact(environment: Environment, at: LogPartition, before: number): Promise<void> {
  const { end } = at
  const newest = new Map<string, number>()
  for await (const blocks of slices(at, 0)) {
    for (const { key, offset } of blocks.flatMap((block) => readBlock(block))) newest.set(key, offset)
  }
  for await (const blocks of slices(at, 0)) {
    await replace(
      environment,
      at,
      blocks,
      ({ key, offset, timestamp }) => timestamp >= before || offset >= end || newest.get(key) === offset,
    )
  }
}

/** Leaves of each block the records to keep, all in one transaction, together with what else is written. */
async function replace(
  environment: Environment,
  { table, partition }: LogPartition,
  blocks: readonly Block[],
  keep: (record: LogRecord) => boolean,
  alsoWrite?: () => void,
): Promise<void> {
  const changed = blocks.flatMap((block) => {
    const left = filterBlock(block, keep)
    return left === block ? [] : [{ key: blockKey(partition, block.first), left }]
  })
  if (changed.length === 0 && alsoWrite === undefined) return
  await environment.commit(() => {
    for (const { key, left } of changed) void (left === undefined ? table.remove(key) : table.put(key, left.bytes))
    alsoWrite?.()
  })
}

/** The blocks from the one that holds `offset` on, some at a time, with a turn of the event loop between. */
async function* slices({ table, partition }: LogPartition, offset: number): AsyncGenerator<Block[], void, undefined> {
  let rest: Iterable<Block> = blocksFrom(table, partition, offset)
  for (;;) {
    const blocks: Block[] = []
    for (const block of rest) if (blocks.push(block) === blocksAtOnce) break
    const last = blocks.at(-1)
    if (last === undefined) return
    yield blocks
    await new Promise((resolve) => setImmediate(resolve))
    rest = blocksAfter(table, partition, last.first)
  }
}
