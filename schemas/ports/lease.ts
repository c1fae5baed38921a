export interface HeldLease {
  /** Grows with every holder: a successor's token is higher. */
  readonly token: number
  /** False once it expired or another took it; then the work under it must stop. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

/** Mutual exclusion with an end: a holder that dies loses it after `ttlMs`. */
export interface Lease {
  /** Undefined while another holds it. */
  acquire(name: string, owner: string, ttlMs: number): Promise<HeldLease | undefined>
}
