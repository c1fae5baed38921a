import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import { connectRedis, type RedisConnection, type RedisOptions } from './connect.ts'

export interface OwnKeys {
  readonly connection: RedisConnection
  /** Brings the ends of our keys nearer by `ms`: the server ends what is over. */
  readonly pass: (ms: number) => Promise<void>
  /** The clock of the first server, ms with fractions. */
  readonly now: () => Promise<number>
}

/** A connection with keys of its own, for one test: they are deleted at its end. `masters`: where the keys are. */
export async function ownKeys(masters: readonly string[], options: Partial<RedisOptions> = {}): Promise<OwnKeys> {
  const prefix = `test-${randomUUID()}:`
  // A test of what Redis does waits for it, however busy the machine.
  const connection = await connectRedis({ urls: masters, mode: 'single', prefix, timeoutMs: 10_000, ...options })
  const { tls, password } = options
  const login = { ...(tls !== undefined && { tls }), ...(password !== undefined && { password }) }
  const admins = masters.map((url) => new Redis(url, login))
  onTestFinished(async () => {
    await connection.close()
    for (const admin of admins) {
      for (const key of await admin.keys(`${prefix}*`)) await admin.del(key)
      admin.disconnect()
    }
  })
  return {
    connection,
    async pass(ms) {
      for (const admin of admins) {
        for (const key of await admin.keys(`${prefix}*`)) {
          const left = await admin.pttl(key)
          if (left >= 0) await admin.pexpire(key, left - ms)
        }
      }
    },
    async now() {
      const [seconds, microseconds] = await admins[0]!.time()
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000
    },
  }
}
