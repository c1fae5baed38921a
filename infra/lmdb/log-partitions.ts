import type { TopicName } from '#schemas/topics.ts'
import type { WakeUps } from '#schemas/wake-ups.ts'
import type { Environment, Table } from './environment.ts'
import { topicNames, topics } from '#schemas/topics.ts'
import { wakeUps } from '#schemas/wake-ups.ts'
import { readBlock } from './log-block.ts'
import { lastBlock, readMark } from './log-partition.ts'

export interface LogPartition {
  readonly table: Table
  readonly partition: number
  /** Table and key of the partition's mark. */
  readonly marks: Table
  readonly markKey: Buffer
  /** Offset the next record will get; everything below it is on disk. */
  end: number
  /** Records below this offset were removed by time. */
  trimmedTo: number
  readonly appended: WakeUps
}

/** Every topic's partitions, as the data says they stand: there is nothing else to recover from. */
export function openPartitions(
  environment: Environment,
  sourcePartitions: number,
): ReadonlyMap<TopicName, readonly LogPartition[]> {
  const marks = environment.table('marks')
  return new Map(
    topicNames.map((topic) => {
      const table = environment.table(topic)
      const count = topics[topic].partitions === 'single' ? 1 : sourcePartitions
      const opened = Array.from({ length: count }, (_, partition) => {
        const markKey = Buffer.from(`${topic}/${partition}`)
        const { trimmedTo } = readMark(marks.get(markKey))
        const at: LogPartition = { table, partition, marks, markKey, end: 0, trimmedTo, appended: wakeUps() }
        at.end = recoveredEnd(at)
        return at
      })
      return [topic, opened]
    }),
  )
}

/** The offset after the last record that was ever there, read from disk. */
export function recoveredEnd({ table, partition, marks, markKey }: LogPartition): number {
  const last = lastBlock(table, partition)
  const lastOffset = last === undefined ? -1 : (readBlock(last).at(-1)?.offset ?? -1)
  return Math.max(lastOffset + 1, readMark(marks.get(markKey)).end)
}
