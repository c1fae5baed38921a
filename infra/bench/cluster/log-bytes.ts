import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { TopicName } from '#schemas/topics.ts'

export interface TopicBytes {
  /** Bytes of segment files a record. */
  readonly bytes: number
  readonly records: number
}

const measured = ['interactions', 'user-notices', 'item-notices', 'impressions', 'items'] as const satisfies TopicName[]

/** How much of a broker's disk a record takes. `folder` is of a broker that is alone. */
export async function topicBytes(log: EventLog, folder: string): Promise<Record<string, TopicBytes>> {
  const entries = measured.map(async (topic) => {
    const records = (await log.bounds(topic)).reduce((sum, { start, end }) => sum + end - start, 0)
    return [topic, { records, bytes: records === 0 ? 0 : segmentBytes(join(folder, 'data'), topic) / records }] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

function segmentBytes(folder: string, topic: string): number {
  const partitions = readdirSync(folder).filter((name) => name.startsWith(`${topic}-`) && /-\d+$/.test(name))
  const files = partitions.flatMap((name) => readdirSync(join(folder, name)).map((each) => join(folder, name, each)))
  return files.filter((each) => each.endsWith('.log')).reduce((sum, each) => sum + statSync(each).size, 0)
}
