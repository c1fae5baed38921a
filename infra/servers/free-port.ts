import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { MillraceError } from '#schemas/errors.ts'

/**
 * Below the ports from which systems give out those of outgoing connections (32768 on Linux): a server that is down for
 * a moment finds its port still free.
 */
const first = 20_000
const last = 32_000
const tries = 200
const givenOut = new Set<number>()

/** A port on 127.0.0.1 that nobody listens on, never the same one twice in one process. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < tries; i++) {
    const port = randomInt(first, last)
    if (givenOut.has(port) || !(await isFree(port))) continue
    givenOut.add(port)
    return port
  }
  throw new MillraceError('address-in-use', `no free port found between ${first} and ${last}`)
}

async function isFree(port: number): Promise<boolean> {
  const listener = createServer()
  const listening = once(listener, 'listening').then(
    () => true,
    () => false,
  )
  listener.listen(port, '127.0.0.1')
  const free = await listening
  if (free) await new Promise((resolve) => listener.close(resolve))
  return free
}
