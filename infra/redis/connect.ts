import { MillraceError } from '#schemas/errors.ts'
import { isTlsFailure } from '#schemas/tls-failure.ts'
import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import { circuit } from './circuit.ts'
import { redisClient, type RedisAddresses, type RedisClient } from './client.ts'
import type { LuaScript } from './lua-script.ts'

export interface RedisOptions extends RedisAddresses {
  /** Put before every key. Without braces: they would decide the slot of a cluster. */
  readonly prefix: string
  /** What a call costs at most. */
  readonly timeoutMs?: number
  /** Calls under way before further ones fail at once. */
  readonly maxInFlight?: number
  /** After this many calls in a row without an answer Redis is left alone for `restMs`: calls fail at once. */
  readonly patience?: number
  readonly restMs?: number
  readonly metrics?: Metrics
}

export const redisDefaults = { timeoutMs: 75, maxInFlight: 1_000, patience: 3, restMs: 1_000 } as const

/**
 * A Redis that answers within `timeoutMs` or not at all: every call settles, with what it asked for or with
 * `store-failed` (retriable). What failed may have happened in Redis all the same, then or later.
 */
export interface RedisConnection {
  get(key: string): Promise<Uint8Array | undefined>
  delete(key: string): Promise<void>
  /** Runs a script in one round trip. In a cluster all keys must be of one slot: share what stands in braces. */
  run(script: LuaScript, keys: readonly string[], args: readonly (string | number | Buffer)[]): Promise<unknown>
  close(): Promise<void>
}

/** How long a start waits for Redis, which may be down: then calls fail until it is there. */
const startMs = 2_000

/** Throws `configuration-invalid` for what no waiting can mend: addresses, the prefix, a login or TLS that is refused. */
export async function connectRedis(options: RedisOptions): Promise<RedisConnection> {
  const { prefix, metrics = noMetrics } = options
  if (/[{}]/.test(prefix)) {
    throw new MillraceError('configuration-invalid', 'a Redis prefix has no braces', { facts: { prefix } })
  }
  const { timeoutMs, maxInFlight, patience, restMs } = { ...redisDefaults, ...options }
  const path = circuit({ patience, restMs, now: () => performance.now() })
  const client = redisClient(options)
  let lastTrouble: unknown
  client.on('error', (error: unknown) => {
    lastTrouble = error
  })
  await firstConnection(client)
  let inFlight = 0

  function failure(reason: FailureReason, cause: unknown): MillraceError {
    metrics.count('millrace_redis_failures_total', 1, { reason })
    return new MillraceError('store-failed', `Redis: ${reasons[reason]}`, {
      retriable: true,
      cause: cause ?? lastTrouble,
      facts: { reason },
    })
  }

  async function bounded<T>(command: () => Promise<T>): Promise<T> {
    if (inFlight >= maxInFlight) throw failure('full', undefined)
    if (!path.admits()) throw failure('resting', undefined)
    inFlight++
    const answer = command().finally(() => inFlight--)
    try {
      const value = await within(timeoutMs, answer)
      path.answered()
      return value
    } catch (error) {
      if (isReply(error)) {
        path.answered()
        throw failure('refused', error)
      }
      path.unanswered()
      throw failure(error === late ? 'timeout' : 'unreachable', error === late ? undefined : error)
    }
  }

  return {
    async get(key) {
      return (await bounded(() => client.getBuffer(prefix + key))) ?? undefined
    },
    async delete(key) {
      await bounded(() => client.del(prefix + key))
    },
    run(script, keys, args) {
      const given = [...keys.map((key) => prefix + key), ...args]
      return bounded(async () => {
        try {
          return await client.evalsha(script.sha1, keys.length, ...given)
        } catch (error) {
          if (!isReply(error, 'NOSCRIPT')) throw error
          return client.eval(script.text, keys.length, ...given)
        }
      })
    },
    async close() {
      client.disconnect()
    },
  }
}

const reasons = {
  timeout: 'no answer in time',
  unreachable: 'no connection',
  resting: 'left alone for a while after calls without an answer',
  full: 'too many calls are under way',
  refused: 'the call was refused',
} as const

type FailureReason = keyof typeof reasons

const late = Symbol('late')

/**
 * Rejects with `late` when there is no answer in time. An answer that already waits in the socket counts as in time, however
 * late our own event loop comes to read it: timers run before sockets are read, immediates after.
 */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => setImmediate(() => over.reject(late)), ms)
  try {
    return await Promise.race([answer, over.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** An error that Redis answered. Its text begins with its code. */
function isReply(error: unknown, ...codes: readonly string[]): error is Error {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return false
  return codes.length === 0 || codes.some((code) => error.message.startsWith(code))
}

/** Resolves once connected, or when the wait for it is over. */
async function firstConnection(client: RedisClient): Promise<void> {
  const settled = Promise.withResolvers<void>()
  const timer = setTimeout(settled.resolve, startMs)
  const onError = (error: unknown): void => {
    if (isReply(error, 'WRONGPASS', 'NOAUTH', 'NOPERM') || isTlsFailure(error)) settled.reject(error)
  }
  client.once('ready', settled.resolve)
  client.on('error', onError)
  try {
    await settled.promise
  } catch (cause) {
    client.disconnect()
    const what = isTlsFailure(cause) ? `TLS with Redis failed: ${cause.message}` : 'Redis refuses the login'
    throw new MillraceError('configuration-invalid', what, { cause })
  } finally {
    clearTimeout(timer)
    client.off('error', onError)
  }
}
