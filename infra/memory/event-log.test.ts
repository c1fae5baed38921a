import { eventLogContract } from '#schemas/ports/event-log.contract.ts'
import { memoryEventLog } from './event-log.ts'

eventLogContract('memory', async () => {
  let now = 0
  const log = memoryEventLog({ partitions: 4, maxRecordBytes: 5_000, clock: { now: () => now } })
  return {
    log,
    maxRecordBytes: 5_000,
    setTime: (ms) => (now = ms),
    dispose: async () => await log.close(),
  }
})
