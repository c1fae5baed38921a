import { isMillraceError } from '#schemas/errors.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import { topology } from '#stream-processors/topology.ts'
import type { Parts } from './parts.ts'

const lookEveryMs = 100

/** Resolves once processors, wherever they run, have folded everything that is on the source topics now. */
export async function rowsCaughtUp(parts: Pick<Parts, 'log' | 'store' | 'clock' | 'settings'>): Promise<void> {
  const { log, store, clock, settings } = parts
  for (const { topic, name } of Object.values(topology(settings))) {
    for (const { partition, start, end } of await log.bounds(topic)) {
      if (start === end) continue
      while ((await folded(store, name, partition)) < end) await clock.sleep(lookEveryMs)
    }
  }
}

/** Below everything while the store cannot be asked. */
async function folded(store: StateStore, name: string, partition: number): Promise<number> {
  try {
    return (await store.checkpoint(name, partition))?.offset ?? 0
  } catch (error) {
    if (isMillraceError(error) && error.retriable) return -1
    throw error
  }
}
