import { isMillraceError, MillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { SendBatch } from './send-batch.ts'

export interface RetryOptions {
  readonly clock: Clock
  /** Sends of one batch before the import gives up. */
  readonly attempts?: number
  /** Wait before the second attempt, ms; doubled for each later one up to `longestWaitMs`. */
  readonly firstWaitMs?: number
  readonly longestWaitMs?: number
  readonly signal?: AbortSignal | undefined
}

export const retryDefaults = { attempts: 12, firstWaitMs: 250, longestWaitMs: 15_000 }

/**
 * Sends the same events, ids and all, until an answer comes, an error says that trying again is useless, or the attempts are
 * spent. A `retryAfterMs` among an error's facts lengthens the wait.
 */
export function retriedSend<E>(send: SendBatch<E>, options: RetryOptions): SendBatch<E> {
  const { clock, signal, attempts, firstWaitMs, longestWaitMs } = { ...retryDefaults, ...options }
  return async (events) => {
    let wait = firstWaitMs
    for (let attempt = 1; ; attempt++) {
      if (signal?.aborted === true) throw new MillraceError('stopped', 'the import was stopped')
      try {
        return await send(events)
      } catch (error) {
        if (!isMillraceError(error) || !error.retriable || attempt >= attempts) throw error
        const asked = error.facts['retryAfterMs']
        await clock.sleep(Math.max(wait, typeof asked === 'number' ? asked : 0), signal)
        wait = Math.min(2 * wait, longestWaitMs)
      }
    }
  }
}
