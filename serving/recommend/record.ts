import type { Impression } from '#schemas/events/derived.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'

/** Takes impressions to the log, off the request path and at most once. */
export interface Recorder {
  /** Never waits: an impression that finds the buffer full is dropped and counted. */
  record(impression: Impression): void
  /** Writes what is there, then refuses. */
  stop(): Promise<void>
}

const buffered = 10_000
const perAppend = 500
const pauseMs = 100

export function impressionRecorder(ports: {
  readonly log: Pick<EventLog, 'append'>
  readonly codec: Pick<Codec, 'encodeEvent'>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly report: (error: unknown, doing: string) => void
}): Recorder {
  const { log, codec, clock, metrics, report } = ports
  const waiting: Impression[] = []
  const stopping = new AbortController()
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      await clock.sleep(pauseMs, stopping.signal)
      const batch = waiting.splice(0, perAppend)
      try {
        const records = batch.map((event) => ({ key: event.userId, value: codec.encodeEvent('impressions', event) }))
        await log.append('impressions', records)
      } catch (error) {
        metrics.count('millrace_impressions_dropped_total', batch.length)
        report(error, 'recording impressions')
      }
    }
    // In the same turn as the last look at `waiting`: what is recorded from now on starts another run.
    writing = undefined
  }

  return {
    record(impression) {
      if (waiting.length >= buffered || stopping.signal.aborted) {
        metrics.count('millrace_impressions_dropped_total')
        return
      }
      waiting.push(impression)
      writing ??= write()
    },
    async stop() {
      stopping.abort()
      await writing
    },
  }
}
