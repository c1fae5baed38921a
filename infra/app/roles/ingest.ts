import { randomUUID } from 'node:crypto'
import { ingestRoutes } from '#producers/ingest/ingest-routes.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { embeddingsOf } from '../config.ts'
import { checkClock } from './clock-check.ts'
import { chores } from './chores.ts'
import { logWatch } from './log-watch.ts'
import type { Role, RoleContext } from './role.ts'
import { acceptedWhileBehind } from './while-behind.ts'

const clockEveryMs = 30_000

/** Takes events in. Refuses to start, and ends, on a clock far from those of its servers. */
export async function startIngestRole({ parts, metrics, report }: RoleContext): Promise<Role> {
  await checkClock(parts)
  const work = chores(parts.clock, report)
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  // The end may come before anyone asks for it.
  ended.catch(() => {})
  work.every(clockEveryMs, "comparing this machine's clock", async () => {
    try {
      await checkClock(parts)
    } catch (error) {
      if (!isMillraceError(error, 'clock-skewed')) throw error
      reject(error)
    }
  })
  const limits = { maxBytesInFlight: parts.config.maxPendingBytes }
  const accepted = acceptedWhileBehind(parts, work)
  const given = { ...parts, metrics, newId: randomUUID, limits, embeddings: embeddingsOf(parts.config) }
  return {
    routes: [ingestRoutes(accepted === undefined ? given : { ...given, accepted })],
    ready: logWatch({ parts }, work),
    async stop() {
      await work.stop()
      resolve()
    },
    ended,
  }
}
