import { MillraceError } from '#schemas/errors.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { deadlineHeader, type Deadline } from './deadline.ts'
import { exchange, type ExchangeEnd, type UpstreamRequest } from './exchange.ts'
import { heldAnswer, type AnswerTarget, type HeldAnswer } from './held-answer.ts'
import type { Instance } from './instance.ts'
import type { Instances } from './instances.ts'
import { retryBudget } from './retry-budget.ts'
import type { Route, RoutedRole } from './routing.ts'

export interface ForwardOptions {
  readonly instances: Readonly<Record<RoutedRole, Instances>>
  /** A read that has no answer after this is asked of another instance. */
  readonly readTryMs: number
  /** An answer is held back up to this size, so that of one that breaks off nothing has been passed on. */
  readonly heldBytes: number
  readonly metrics: Metrics
}

export interface Forwarded {
  readonly route: Route
  readonly request: UpstreamRequest
  readonly deadline: Deadline
  readonly target: AnswerTarget
  /** Aborts when whoever asked has gone. */
  readonly signal: AbortSignal
}

/** How forwarding ended. Unless `answered` or `broken`, the target has been told nothing. */
export type ForwardEnd =
  | { readonly type: 'answered' }
  /** No instance could be asked. */
  | { readonly type: 'unavailable'; readonly isFull: boolean }
  /** `sent`: an instance may have done what it was asked for. */
  | { readonly type: 'failed'; readonly sent: boolean }
  | { readonly type: 'too-late'; readonly sent: boolean }
  /** It could not even be sent: there is something in it that HTTP does not allow. */
  | { readonly type: 'malformed' }
  | { readonly type: 'cancelled' }
  /** The answer ended in its middle. */
  | { readonly type: 'broken' }

/**
 * Sends a request to an instance of its role and gives the answer to the target. A read that fails, or is refused by an
 * overloaded instance, is sent once more, to another instance where there is one. A write is sent to another instance
 * only when there was no connection to the first, so that nothing of it was sent.
 */
export function forwarder(options: ForwardOptions): (forwarded: Forwarded) => Promise<ForwardEnd> {
  const { instances, metrics } = options
  const budget = retryBudget()

  async function forward(forwarded: Forwarded): Promise<ForwardEnd> {
    const { route, deadline, signal, target } = forwarded
    const tried = new Set<Instance>()
    budget.earn()
    let instance = instances[route.role].pick(tried)
    if (instance === undefined || instance === 'full') return { type: 'unavailable', isFull: instance === 'full' }
    for (;;) {
      const isLast = route.isRead ? tried.size > 0 : tried.size >= mostWriteTries
      tried.add(instance)
      const held = heldAnswer(target, options.heldBytes)
      const tryMs = route.isRead && !isLast ? Math.min(options.readTryMs, deadline()) : deadline()
      const end = await tryOn(instance, forwarded, held, tryMs)
      if (signal.aborted) return { type: 'cancelled' }
      if (end.type === 'answered') {
        const isShed = route.isRead && held.status() === 503 && !held.isPassedOn()
        const next = isShed && !isLast && deadline() > 0 ? other(route, tried) : undefined
        if (next === undefined || !budget.spend()) {
          held.release()
          return { type: 'answered' }
        }
        instance = next
      } else {
        if (isMalformed(end.error)) return { type: 'malformed' }
        if (held.isPassedOn()) return { type: 'broken' }
        if (deadline() === 0) return { type: 'too-late', sent: end.sent }
        instance.failed()
        if (isLast || (end.sent && !route.isRead)) return { type: 'failed', sent: end.sent }
        const next = instances[route.role].pick(tried)
        if (next === undefined || next === 'full') return { type: 'failed', sent: end.sent }
        if (!route.isRead && tried.has(next)) return { type: 'failed', sent: end.sent }
        instance = next
      }
      metrics.count('millrace_gateway_retries_total', 1, { role: route.role })
    }
  }

  /** One that has not been tried. */
  function other({ role }: Route, tried: ReadonlySet<Instance>): Instance | undefined {
    const next = instances[role].pick(tried)
    return next === undefined || next === 'full' || tried.has(next) ? undefined : next
  }

  return async (forwarded) => {
    const from = performance.now()
    const end = await forward(forwarded)
    const { role } = forwarded.route
    metrics.count('millrace_gateway_requests_total', 1, { role, outcome: end.type })
    metrics.observe('millrace_gateway_latency_seconds', (performance.now() - from) / 1_000, { role })
    return end
  }
}

/** Instances that a write is offered to while none has been sent anything of it. */
const mostWriteTries = 3

/** Who leaves sooner has other reasons than that the answer took long. */
const patienceMs = 500

/** A timer may fire that much before the clock shows its time; the deadline must be over by then. */
const timerEarlyMs = 1

/** The time is for the answer to begin; one that is being passed on may take longer. */
async function tryOn(
  instance: Instance,
  { request, deadline, signal }: Forwarded,
  held: HeldAnswer,
  tryMs: number,
): Promise<ExchangeEnd> {
  const given = new AbortController()
  const cancel = () => given.abort(signal.reason)
  const timer = setTimeout(() => {
    if (!held.isPassedOn())
      given.abort(new MillraceError('overloaded', `${instance.origin} took longer than ${tryMs} ms`))
  }, tryMs + timerEarlyMs)
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel)
  const begun = instance.load.begin()
  const from = performance.now()
  try {
    const headers = { ...request.headers, [deadlineHeader]: String(deadline()) }
    return await exchange(instance.dispatcher, { ...request, headers }, held, given.signal)
  } finally {
    begun.end(endedAs(held, given.signal, performance.now() - from))
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
  }
}

/** Whoever asked has waited too long, or the instance has said so itself. One that died says nothing of how much it had to do. */
function endedAs(held: HeldAnswer, { aborted }: AbortSignal, tookMs: number): 'in-time' | 'too-late' | 'unknown' {
  if (held.status() === 503 || (aborted && tookMs > patienceMs)) return 'too-late'
  return held.status() === undefined ? 'unknown' : 'in-time'
}

function isMalformed(error: Error): boolean {
  return 'code' in error && error.code === 'UND_ERR_INVALID_ARG'
}
