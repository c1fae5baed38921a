import { createRequire } from 'node:module'

/** What we know of kafkajs's queue of requests to a broker. */
interface RequestQueue {
  throttledUntil: number
  pending: readonly unknown[]
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
}

interface QueuePrototype {
  scheduleCheckPendingRequests?: (this: RequestQueue) => void
}

const recheckMs = 10

/**
 * After every request kafkajs 2.2.4 sets a timer to look for throttled ones. Where nothing waits it computes a time in 1969, which Node
 * runs after 1 ms and, from version 24 on, warns of (TimeoutNegativeWarning). This sets that timer only where something waits.
 */
export function mendRequestTimer(): void {
  const required: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js')
  if (typeof required !== 'function') return
  const prototype: QueuePrototype = required.prototype
  if (prototype.scheduleCheckPendingRequests === undefined) return
  prototype.scheduleCheckPendingRequests = schedule
}

function schedule(this: RequestQueue): void {
  const throttledMs = this.throttledUntil - Date.now()
  if (this.throttleCheckTimeoutId !== null || (this.pending.length === 0 && throttledMs <= 0)) return
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    throttledMs > 0 ? throttledMs : recheckMs,
  )
}
