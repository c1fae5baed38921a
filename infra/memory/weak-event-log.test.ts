import type { EventLog } from '#schemas/ports/event-log.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { eventLogContract } from '#schemas/ports/event-log.contract.ts'
import { describe, expect, it } from 'vitest'
import { memoryEventLog } from './event-log.ts'
import { inFlight } from './in-flight.ts'
import { weakEventLog } from './weak-event-log.ts'

eventLogContract('weak memory', async () => {
  let now = 0
  const flight = inFlight({ random: seededRandom(1), onDeparture: () => queueMicrotask(() => flight.landAll()) })
  const log = weakEventLog(memoryEventLog({ maxRecordBytes: 5_000, clock: { now: () => now } }), flight, 'owner')
  return { log, maxRecordBytes: 5_000, setTime: (ms) => (now = ms), dispose: async () => await log.close() }
})

describe('a weak event log', () => {
  it('appends when the append lands, also after the death or failure of who sent it', async () => {
    const flight = inFlight({ random: seededRandom(3) })
    const log = memoryEventLog()
    const [dying, failing] = [weakEventLog(log, flight, 'dying'), weakEventLog(log, flight, 'failing')]
    void dying.append('models', [{ key: '', value: new Uint8Array(1) }])
    const failed = failing.append('models', [{ key: '', value: new Uint8Array(2) }])
    expect(await end(log)).toBe(0)
    dying.die()
    failing.fail()
    await expect(failed).rejects.toMatchObject({ code: 'store-failed' })
    flight.landAll()
    expect(await end(log)).toBe(2)
  })

  it('can lose the append of the dead, never that of the living', async () => {
    const flight = inFlight({ random: seededRandom(3) })
    const log = memoryEventLog()
    const [dying, living] = [weakEventLog(log, flight, 'dying'), weakEventLog(log, flight, 'living')]
    void dying.append('models', [{ key: '', value: new Uint8Array(1) }])
    const appended = living.append('models', [{ key: '', value: new Uint8Array(2) }])
    dying.die()
    flight.lose(1)
    flight.landAll()
    expect(await appended).toEqual([{ epoch: 1, partition: 0, offset: 0 }])
    expect(await end(log)).toBe(1)
  })
})

async function end(log: EventLog): Promise<number | undefined> {
  return (await log.bounds('models'))[0]?.end
}
