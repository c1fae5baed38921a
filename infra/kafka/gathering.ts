import { setImmediate, setTimeout } from 'node:timers/promises'
import type { KafkaProducer } from './client.ts'
import type { AppendUnderWay, Placed } from './send.ts'
import { isMillraceError, MillraceError } from '#schemas/errors.ts'
import { gatherSend } from './send.ts'

export interface Gathering {
  /** Resolves with the places of the records, in order, once all are durable. */
  append(append: AppendUnderWay): Promise<readonly Placed[]>
  /** Sends what waits, then ends. */
  close(): Promise<void>
}

export interface GatheringOptions {
  readonly createProducer: () => Promise<KafkaProducer>
  /** Appends are refused while so much waits or is under way. */
  readonly maxPendingBytes: number
  /** While nothing is under way, the first append waits so long for others; with 0 for those of the same turn. */
  readonly lingerMs: number
  /** A send is made no larger than this, unless one record is. */
  readonly maxSendBytes: number
  /** What a send has of one partition is made no larger than this, unless one record is. */
  readonly maxBatchBytes: number
  /** A send failed for good, or a failed producer could not be closed. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Sends what is appended by one producer, one send at a time: what arrives meanwhile is gathered into the next. A send that fails
 * ends its producer and every append that had a part in it, whatever of it was sent before; the others go on with a new producer.
 */
export function gathering(options: GatheringOptions): Gathering {
  const { createProducer, maxPendingBytes, lingerMs, onFailure } = options
  /** Oldest first. */
  const waiting = new Map<AppendUnderWay, PromiseWithResolvers<readonly Placed[]>>()
  let pendingBytes = 0
  let producer: KafkaProducer | undefined
  let running: Promise<void> | undefined
  let endLinger: AbortController | undefined
  let isClosing = false

  async function run(): Promise<void> {
    await linger()
    while (waiting.size > 0) await sendNext()
    running = undefined
  }

  async function linger(): Promise<void> {
    if (lingerMs === 0) return await setImmediate()
    if (isClosing || pendingBytes >= options.maxSendBytes) return
    endLinger = new AbortController()
    try {
      await setTimeout(lingerMs, undefined, { signal: endLinger.signal })
    } catch (error) {
      if (!endLinger.signal.aborted) throw error
    } finally {
      endLinger = undefined
    }
  }

  async function sendNext(): Promise<void> {
    let involved: Iterable<AppendUnderWay> = waiting.keys()
    try {
      producer ??= await createProducer()
      const send = gatherSend(waiting.keys(), options)
      involved = send.appends
      for (const done of send.complete(await producer.send(send.batches))) settle(done)
    } catch (error) {
      const failure = asFailure(error)
      discardProducer()
      for (const append of involved) settle(append, failure)
      onFailure(failure)
    }
  }

  function settle(append: AppendUnderWay, failure?: MillraceError): void {
    const settled = waiting.get(append)
    if (settled === undefined) return
    waiting.delete(append)
    pendingBytes -= append.bytes
    if (failure === undefined) settled.resolve(append.placed)
    else settled.reject(failure)
  }

  function discardProducer(): void {
    const failed = producer
    producer = undefined
    if (failed !== undefined) void failed.close().catch(onFailure)
  }

  return {
    async append(append) {
      if (isClosing) throw new MillraceError('stopped', 'the log is closed')
      if (pendingBytes > 0 && pendingBytes + append.bytes > maxPendingBytes) {
        throw new MillraceError('log-full', `${pendingBytes} bytes wait to be sent to Kafka`, {
          retriable: true,
          facts: { topic: append.topic, pendingBytes, maxPendingBytes },
        })
      }
      const settled = Promise.withResolvers<readonly Placed[]>()
      waiting.set(append, settled)
      pendingBytes += append.bytes
      running ??= run()
      if (pendingBytes >= options.maxSendBytes) endLinger?.abort()
      return await settled.promise
    },
    async close() {
      isClosing = true
      endLinger?.abort()
      await running
      await producer?.close()
      producer = undefined
    },
  }
}

function asFailure(error: unknown): MillraceError {
  if (isMillraceError(error)) return error
  return new MillraceError('store-failed', 'Kafka did not take an append', { retriable: true, cause: error })
}
