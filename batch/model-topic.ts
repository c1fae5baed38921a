import type { ModelEvent } from '#schemas/events/derived.ts'
import { blankModelLife, foldModelLife, type ModelLife } from '#schemas/models/model-life.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'

export interface ModelTopic {
  readonly log: EventLog
  readonly codec: Codec
}

/** The life of all models as of the end of the topic now. */
export async function readModelLife({ log, codec }: ModelTopic): Promise<ModelLife> {
  let life = blankModelLife
  for (const { epoch, partition, start } of await log.bounds('models')) {
    for await (const records of log.read('models', { epoch, partition, offset: start })) {
      for (const { value } of records) life = foldModelLife(life, codec.decodeEvent('models', value))
    }
  }
  return life
}

/** Durable, and in the total order, when it resolves. */
export async function sayOfModels({ log, codec }: ModelTopic, event: ModelEvent): Promise<void> {
  await log.append('models', [{ key: '', value: codec.encodeEvent('models', event) }])
}
