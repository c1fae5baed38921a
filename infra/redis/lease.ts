import type { Lease } from '#schemas/ports/lease.ts'
import type { RedisConnection } from './connect.ts'
import { luaScript } from './lua-script.ts'

/**
 * The token is one above the last, and not below the clock of Redis in ms: it grows even if Redis has lost the last one.
 * KEYS: holder, last token. ARGV: ms to live. Answers the token, 0 while another holds the lease.
 */
const acquire = luaScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local token = string.format('%.0f', math.max((redis.call('GET', KEYS[2]) or 0) + 1, now))
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
return tonumber(token)
`)

/** KEYS: holder. ARGV: token, ms to live. */
const renew = luaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)

/** KEYS: holder. ARGV: token. */
const release = luaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`)

/**
 * Leases that processes share, by the clock of Redis. They save work and guard nothing: a Redis that fails over may forget
 * one, so what must not be done twice has to compare tokens. A call that Redis does not answer in time rejects with
 * `store-failed`; an `acquire` that did may hold the lease until its end.
 */
export function redisLease({ connection }: { readonly connection: RedisConnection }): Lease {
  return {
    async acquire(name, _, ttlMs) {
      // One slot of a cluster for both.
      const holder = `{lease:${name}}`
      const token = Number(await connection.run(acquire, [holder, `${holder}:token`], [ttlMs]))
      if (token === 0) return undefined
      return {
        token,
        renew: async () => (await connection.run(renew, [holder], [token, ttlMs])) === 1,
        async release() {
          await connection.run(release, [holder], [token])
        },
      }
    },
  }
}
