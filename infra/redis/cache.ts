import type { Cache } from '#schemas/ports/cache.ts'
import type { RedisConnection } from './connect.ts'
import { luaScript } from './lua-script.ts'

/** A value in Redis: the version as a big-endian double, then the bytes. */
const versionBytes = 8

/**
 * Versions are compared as numbers: Lua compares strings by the locale of the server.
 * KEYS: entry. ARGV: version as its eight bytes, value, ms to live.
 */
const setIfNewer = luaScript(`
local held = redis.call('GETRANGE', KEYS[1], 0, 7)
if #held == 8 and struct.unpack('>d', held) > struct.unpack('>d', ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3])
return 1
`)

/** A cache that processes share. A call that Redis does not answer in time rejects with `store-failed`, retriable. */
export function redisCache({ connection }: { readonly connection: RedisConnection }): Cache {
  return {
    async get(key) {
      const stored = await connection.get(key)
      if (stored === undefined) return undefined
      const version = new DataView(stored.buffer, stored.byteOffset).getFloat64(0)
      return { value: new Uint8Array(stored.subarray(versionBytes)), version }
    },
    async setIfNewer(key, value, version, ttlMs) {
      const versionAs = Buffer.alloc(versionBytes)
      versionAs.writeDoubleBE(version)
      const lives = Math.max(1, Math.ceil(ttlMs))
      // A copy: the caller may change its bytes before they are sent.
      return (await connection.run(setIfNewer, [key], [versionAs, Buffer.from(value), lives])) === 1
    },
    async delete(key) {
      await connection.delete(key)
    },
  }
}
