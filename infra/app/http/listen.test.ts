import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { listenAt } from './listen.ts'
import { createServer, type Server } from './server.ts'

const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const anywhere = { host: '127.0.0.1', port: 0 }

function server(): Server {
  const made = createServer({ version: '1.2.3', ready: () => ({ ready: true, reasons: [] }), renderMetrics: () => '' })
  servers.push(made)
  return made
}

describe('Listening', () => {
  it.runIf(process.platform === 'linux')('takes a crowd of connections in a few turns of the event loop', async () => {
    const one = server()
    const port = portOf(await listenAt(one, anywhere))
    let taken = 0
    one.server.on('connection', () => void taken++)
    const crowd = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'))
    await once(crowd[0]!, 'connect')
    // While this thread stands still the kernel makes the connections: how long that takes is not what is counted.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    let turns = 0
    for (; taken < crowd.length; turns++) await turn()
    for (const socket of crowd) socket.destroy()
    expect(turns).toBeLessThan(100)
  })

  it('is refused where any server listens, of the same kind too', async () => {
    const port = portOf(await listenAt(server(), anywhere))
    await expect(listenAt(server(), { ...anywhere, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('ends with answers to what was asked, whichever socket took it, and takes nothing more', async () => {
    const one = server()
    let asked = 0
    const answer = Promise.withResolvers<string>()
    void one.register(async (scope) => {
      scope.get('/slow', async () => {
        asked++
        return answer.promise
      })
    })
    const url = await listenAt(one, anywhere)
    const answers = Array.from({ length: 40 }, async () => (await fetch(`${url}/slow`)).text())
    await expect.poll(() => asked).toBe(answers.length)
    const closing = one.close()
    await expect.poll(() => isRefused(portOf(url))).toBe(true)
    answer.resolve('there')
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['there']))
    await closing
  })
})

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(true))
    socket.on('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })
}
