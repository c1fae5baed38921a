import { clockContract } from '#schemas/ports/clock.contract.ts'
import { systemClock } from './system-clock.ts'

clockContract('system', () => ({ clock: systemClock(), pass: () => {} }))
