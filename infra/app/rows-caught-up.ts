import { topology } from '#stream-processors/topology.ts'
import type { Parts } from './parts.ts'

const lookEveryMs = 100

/** Resolves once processors, wherever they run, have folded everything that is on the source topics now. */
export async function rowsCaughtUp(parts: Pick<Parts, 'log' | 'store' | 'clock' | 'settings'>): Promise<void> {
  const { log, store, clock, settings } = parts
  for (const { topic, name } of Object.values(topology(settings))) {
    for (const { partition, start, end } of await log.bounds(topic)) {
      if (start === end) continue
      while (((await store.checkpoint(name, partition))?.offset ?? 0) < end) await clock.sleep(lookEveryMs)
    }
  }
}
