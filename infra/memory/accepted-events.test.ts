import { acceptedEventsContract } from '#schemas/ports/accepted-events.contract.ts'
import { memoryAcceptedEvents } from './accepted-events.ts'
import { manualClock } from './manual-clock.ts'

acceptedEventsContract('in memory', async (keptMs) => {
  const clock = manualClock()
  const accepted = memoryAcceptedEvents({ clock, ...(keptMs !== undefined && { keptMs }) })
  return { accepted, settled: async () => {}, pass: (ms) => clock.advance(ms) }
})
