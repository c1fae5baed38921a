import type { MessagePort } from 'node:worker_threads'
import type { JobProgress } from '#batch/job.ts'
import { avroCodec } from '#infra/avro/codec.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import { topics } from '#schemas/topics.ts'
import { openModelStores } from './model-stores.ts'
import { solverOf } from './solver-of.ts'
import { train } from './training.ts'
import type { OwnerCalls, TrainingMessage, TrainingOrder } from './training-thread.ts'
import { failureOf, remoteCalls, type Remote } from './workers/calls.ts'

/** Does a training on this thread with the ports of the folder's owner. */
export async function runTrainingOrder(
  order: TrainingOrder,
  port: MessagePort,
  onProgress: (progress: JobProgress) => void,
): Promise<TrainingMessage> {
  const owner = remoteCalls<OwnerCalls>(port)
  const solver = solverOf(order, order.threads)
  try {
    const report = await train(
      {
        log: remoteLog(owner, order),
        codec: avroCodec(),
        clock: systemClock(),
        ...(await openModelStores(order.modelStores)),
        features: {
          async *catalogue() {
            for (;;) {
              const page = await owner.nextOfCatalogue()
              if (page.length === 0) return
              yield page
            }
          },
        },
        solver,
      },
      order,
      onProgress,
    )
    return { type: 'done', report }
  } catch (error) {
    return { type: 'failed', failure: failureOf(error) }
  } finally {
    await solver.close()
  }
}

/** The owner's log: read a page at a time, never followed. */
function remoteLog(owner: Remote<OwnerCalls>, { partitions }: TrainingOrder): EventLog {
  const refuse = async (): Promise<never> => {
    throw new MillraceError('broken-invariant', 'only the owner of a log ends it')
  }
  return {
    partitions: (topic) => partitions[topics[topic].partitions],
    append: (topic, records) => owner.append(topic, records),
    bounds: (topic) => owner.bounds(topic),
    async *read(topic, from, { keys = true } = {}) {
      let next = from
      for (;;) {
        const records = await owner.page(topic, next, keys)
        const last = records.at(-1)
        if (last === undefined) return
        yield records
        next = { ...next, offset: last.offset + 1 }
      }
    },
    retain: refuse,
    close: refuse,
  }
}
