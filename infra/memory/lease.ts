import type { Clock } from '#schemas/ports/clock.ts'
import type { Lease } from '#schemas/ports/lease.ts'

interface Holding {
  readonly token: number
  readonly owner: string
  until: number
}

/** Leases within this process. */
export function memoryLease({ clock }: { readonly clock: Clock }): Lease {
  const newest = new Map<string, Holding>()
  return {
    async acquire(name, owner, ttlMs) {
      const last = newest.get(name)
      if (last !== undefined && last.until > clock.now()) return undefined
      const holding: Holding = { token: (last?.token ?? 0) + 1, owner, until: clock.now() + ttlMs }
      newest.set(name, holding)
      const isHeld = (): boolean => newest.get(name) === holding && holding.until > clock.now()
      return {
        token: holding.token,
        async renew() {
          if (!isHeld()) return false
          holding.until = clock.now() + ttlMs
          return true
        },
        async release() {
          if (isHeld()) holding.until = clock.now()
        },
      }
    },
  }
}
