import { expect, it } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { openDataFolder } from '#infra/lmdb/data-folder.ts'
import { lmdbEventLog } from '#infra/lmdb/event-log.ts'
import { lmdbStateStore } from '#infra/lmdb/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { ingestRoutes } from '#producers/ingest/ingest-routes.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { defaultFoldSettings as settings } from '#schemas/settings.ts'
import { audit } from '#stream-processors/audit.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import { post } from './http/ingest.fixture.ts'
import { createServer } from './http/server.ts'
import { differingRows, foldFromZero, storedRows } from './proof/fold-from-zero.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

const codec = avroCodec()
const clock = systemClock()
const plenty = 2 ** 40

/** Ingest and fold on a data folder; how much room its disk has is up to the test. */
async function folderWithRoom(path: string) {
  const room = { log: plenty, rows: plenty }
  const folder = await openDataFolder({ path, clock })
  const log = lmdbEventLog({ folder, clock, freeBytes: async () => room.log })
  const store = lmdbStateStore({ folder, generation: 'rows', freeBytes: async () => room.rows })
  const rowsAreFull = Promise.withResolvers<void>()
  const ports = { log, store, codec, clock, metrics: noMetrics }
  const processing = await startProcessing(interactionsProcessor(settings), {
    ...ports,
    onRestart: (_, __, error) => isMillraceError(error, 'store-full') && rowsAreFull.resolve(),
  })
  const app = createServer({ version: '0', ready: () => ({ ready: true, reasons: [] }), renderMetrics: () => '' })
  const features = rowFeatureStore({ store, codec })
  void app.register(ingestRoutes({ ...ports, settings, features, newId: () => 'never used' }))
  return {
    room,
    rowsAreFull: rowsAreFull.promise,
    app,
    ports,
    processing,
    async close() {
      await app.close()
      await processing.stop()
      await store.close()
      await log.close()
      await folder.close()
    },
  }
}

it('A full disk is answered as such, never by a 202 that is not kept, and with room again all goes on', async () => {
  await using temporary = await temporaryFolder()
  const world = await folderWithRoom(temporary.path)
  const { room, rowsAreFull, app, ports, processing } = world
  const acknowledged: string[] = []
  const refused: (readonly { readonly id: string }[])[] = []
  const answers = new Set<string>()
  let made = 0

  const batch = () =>
    Array.from({ length: 20 }, () => ({ id: `e${made++}`, userId: `u${made % 7}`, itemId: 'film', type: 'view' }))
  async function send(events: readonly { readonly id: string }[]): Promise<number> {
    const { status, body } = await post(app, events)
    if (status === 202) acknowledged.push(...events.map(({ id }) => id))
    else answers.add(`${status} ${body.code}`)
    return status
  }

  for (let i = 0; i < 5; i++) await send(batch())
  room.rows = 0
  const isFull = rowsAreFull.then(() => true)
  while (!(await Promise.race([isFull, send(batch()).then(() => false)])));
  room.log = 0
  while (refused.length < 5) {
    const events = batch()
    if ((await send(events)) !== 202) refused.push(events)
  }

  room.rows = plenty
  room.log = plenty
  for (const events of refused) while ((await send(events)) !== 202);
  await processing.caughtUp()
  expect([...answers]).toEqual(['507 log-full'])
  const counted = new Set<string>()
  const straight = await foldFromZero({
    ...ports,
    settings,
    note: (event, { type }) => type === 'counted' && counted.add(event.id),
  })
  expect(acknowledged.filter((id) => !counted.has(id))).toEqual([])
  expect(differingRows(await storedRows(ports.store), straight)).toEqual([])
  const { balanced, folded } = await audit({ ...ports, settings })
  expect({ balanced, folded }).toEqual({ balanced: true, folded: counted.size })
  await world.close()
})
