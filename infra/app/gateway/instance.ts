import { Client, Pool, type Dispatcher } from 'undici'
import { adaptiveLimit, type AdaptiveLimit } from '#schemas/adaptive-limit.ts'
import { wakeUps } from '#schemas/wake-ups.ts'
import type { Address } from './addresses.ts'
import { jittered } from './jittered.ts'

/**
 * What is known of an instance: it says that it is ready, or that it is not; `suspect` when a request has failed on it
 * since it was last asked; `down` when it did not answer the question. Best first.
 */
export const instanceStates = ['ready', 'unready', 'suspect', 'down'] as const

export type InstanceState = (typeof instanceStates)[number]

export interface InstanceOptions {
  /** Each instance is asked this often whether it is ready, give or take a fifth. */
  readonly checkMs: number
  /** An answer to that question that takes longer is none. */
  readonly checkTimeoutMs: number
  readonly connectTimeoutMs: number
  /** Requests under way on one instance at most, fewer while they are not answered in time; each takes a connection. */
  readonly maxOutstanding: number
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** Called after every change of state. */
  readonly onChange: () => void
}

export interface Instance {
  readonly origin: string
  readonly state: () => InstanceState
  readonly dispatcher: Dispatcher
  /** Requests under way, and whether there may be more. Whoever sends one counts it. */
  readonly load: AdaptiveLimit
  /** A request failed on it: it is asked at once whether it lives. */
  failed(): void
  /** Resolves after the first answer to whether it is ready, or the lack of one. */
  readonly checked: Promise<void>
  /** Lets requests under way finish; `force` ends them. */
  stop(force?: boolean): Promise<void>
}

/** A gateway or an instance that has just started has everything to warm up, and often a crowd that waited for it. */
const firstOutstanding = 32

/** After a failed check the next comes sooner, at first after so long: a restarted instance is found again fast. */
const firstRetryMs = 250

/** Watches an instance until it is stopped. Starts out as `suspect`. */
export function watchInstance(address: Address, options: InstanceOptions): Instance {
  const { origin, serverName } = address
  const { checkMs, checkTimeoutMs, connectTimeoutMs, maxOutstanding, tls, onChange } = options
  const connect = { timeout: connectTimeoutMs, ...tls, ...(serverName !== undefined && { servername: serverName }) }
  const unbounded = { headersTimeout: 0, allowH2: false }
  const pool = new Pool(origin, { ...unbounded, connect, connections: maxOutstanding, bodyTimeout: idleMs })
  // A connection of its own: the others may all be waiting for an instance that hangs.
  const prober = new Client(origin, { ...unbounded, connect: { ...connect, timeout: checkTimeoutMs } })
  const stopping = new AbortController()
  const nudges = wakeUps()
  const { promise: checked, resolve: hasBeenChecked } = Promise.withResolvers<void>()
  let state: InstanceState = 'suspect'
  let suspicions = 0

  function become(next: InstanceState): void {
    if (state === next || stopping.signal.aborted) return
    state = next
    onChange()
  }

  async function ask(): Promise<InstanceState> {
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(checkTimeoutMs)])
      const { statusCode, body } = await prober.request({ method: 'GET', path: '/health/ready', signal })
      await body.dump()
      return statusCode === 200 ? 'ready' : 'unready'
    } catch {
      // Why it does not answer does not matter here: it gets no requests until it does.
      return 'down'
    }
  }

  async function watch(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      const before = suspicions
      const found = await ask()
      failures = found === 'down' ? failures + 1 : 0
      // A request that failed meanwhile is newer than this answer.
      if (found === 'down' || before === suspicions) become(found)
      hasBeenChecked()
      if (before !== suspicions && found !== 'down') continue
      await nudged(found === 'down' ? Math.min(checkMs, firstRetryMs * 2 ** (failures - 1)) : checkMs)
    }
  }

  async function nudged(withinMs: number): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(jittered(withinMs))])
    await nudges.wait(signal)
  }

  const watching = watch()
  return {
    origin,
    state: () => state,
    dispatcher: pool,
    load: adaptiveLimit(maxOutstanding, Math.min(firstOutstanding, maxOutstanding)),
    checked,
    failed() {
      suspicions++
      if (state !== 'down') become('suspect')
      nudges.wake()
    },
    async stop(force = false) {
      stopping.abort()
      hasBeenChecked()
      await watching
      await Promise.all([prober.destroy(), force ? pool.destroy() : pool.close()])
    },
  }
}

/** A body that goes on no further for so long is given up. */
const idleMs = 30_000
