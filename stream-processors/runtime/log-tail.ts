import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, PartitionBounds } from '#schemas/ports/event-log.ts'
import type { Tail, TailedRecord, Tailing, TailOptions } from '#schemas/ports/tail.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import { joint } from './joint-run.ts'
import { progress } from './progress.ts'

/** Tail over any EventLog: one reader a partition, batches of a partition applied one after another. */
export function logTail({ log, codec }: { readonly log: EventLog; readonly codec: Codec }): Tail {
  return { follow: (options) => follow(log, codec, options) }
}

async function follow<T extends TopicName>(log: EventLog, codec: Codec, options: TailOptions<T>): Promise<Tailing> {
  const starts = startPositions(options.from, await log.bounds(options.topic))
  const stopping = new AbortController()
  const done = progress(starts)

  async function run(from: Position): Promise<void> {
    for await (const records of log.read(options.topic, from, { follow: true, signal: stopping.signal })) {
      const readable: TailedRecord<T>[] = []
      for (const record of records) {
        const position = { ...from, offset: record.offset }
        try {
          readable.push({ position, key: record.key, event: codec.decodeEvent(options.topic, record.value) })
        } catch (error) {
          options.onUnreadable(position, error)
        }
      }
      if (readable.length > 0) await options.apply(readable)
      done.advance(from.partition, records.at(-1)!.offset + 1)
    }
  }

  const ended = joint(starts.map(run), done, stopping)
  return {
    caughtUp: async () => done.reached(await log.bounds(options.topic)),
    positions: () => done.positions(),
    async stop() {
      stopping.abort()
      await ended
    },
    ended,
  }
}

function startPositions(from: TailOptions<TopicName>['from'], bounds: readonly PartitionBounds[]): Position[] {
  if (from === 'start') return bounds.map(({ epoch, partition, start }) => ({ epoch, partition, offset: start }))
  if (from === 'end') return bounds.map(({ epoch, partition, end }) => ({ epoch, partition, offset: end }))
  return [...from]
}
