import { randomUUID } from 'node:crypto'
import type { HeldLease } from '#schemas/ports/lease.ts'
import type { Parts } from './parts.ts'

export interface Leadership {
  /** Whether this process is the one that acts, as far as is known now. */
  isLeader(): boolean
  /** Lets another lead at once. */
  resign(): Promise<void>
}

const ttlMs = 15_000

/** One leader under a name among all processes: a lease that is renewed while the process lives. Without the leases' server nobody leads. */
export function leadership({
  leases,
  clock,
  name,
  report,
}: Pick<Parts, 'leases' | 'clock'> & {
  readonly name: string
  readonly report: (error: unknown, doing: string) => void
}): Leadership {
  const stopping = new AbortController()
  const owner = randomUUID()
  let held: HeldLease | undefined
  let until = 0

  async function strive(): Promise<void> {
    const asked = clock.now()
    if (held === undefined || !(await held.renew())) held = await leases.acquire(name, owner, ttlMs)
    if (held !== undefined) until = asked + ttlMs
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await strive()
      } catch (error) {
        report(error, `asking for the lead of ${name}`)
      }
      await clock.sleep(ttlMs / 3, stopping.signal)
    }
    await held?.release()
  }

  const running = run()
  return {
    isLeader: () => held !== undefined && clock.now() < until,
    async resign() {
      stopping.abort()
      try {
        await running
      } catch (error) {
        report(error, `giving up the lead of ${name}`)
      }
    },
  }
}
