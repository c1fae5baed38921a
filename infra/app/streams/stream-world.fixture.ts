import { avroCodec } from '#infra/avro/codec.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { startProcessing, type Processing, type ProcessingOptions } from '#stream-processors/runtime/processing.ts'

/** One log and one store in memory, and the fold of interactions on them whenever it is started. */
export function streamWorld() {
  const codec = avroCodec()
  const metrics = memoryMetrics()
  const log = memoryEventLog({ partitions: 2 })
  const store = memoryStateStore()
  const clock = systemClock()
  const settings = defaultFoldSettings
  return {
    codec,
    metrics,
    log,
    store,
    clock,
    settings,
    features: rowFeatureStore({ store, codec }),

    async append(...events: readonly InteractionsEvent[]) {
      await log.append(
        'interactions',
        events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) })),
      )
    },

    process(over: Partial<Pick<ProcessingOptions, 'log' | 'store' | 'partitions'>> = {}): Promise<Processing> {
      return startProcessing(interactionsProcessor(settings), { log, store, codec, metrics, clock, ...over })
    },

    /** Folds all there is, then stops. */
    async fold() {
      const processing = await this.process()
      await processing.caughtUp()
      await processing.stop()
    },

    async deadLetters() {
      const letters = []
      for (const { epoch, partition } of await log.bounds('dead-letters')) {
        for await (const records of log.read('dead-letters', { epoch, partition, offset: 0 })) {
          for (const { value } of records) letters.push(codec.decodeEvent('dead-letters', value))
        }
      }
      return letters
    },
  }
}

export type StreamWorld = ReturnType<typeof streamWorld>
