import { leaseContract } from '#schemas/ports/lease.contract.ts'
import { memoryLease } from './lease.ts'
import { manualClock } from './manual-clock.ts'

leaseContract('memory', async () => {
  const clock = manualClock()
  return { lease: memoryLease({ clock }), pass: (ms) => clock.advance(ms) }
})
