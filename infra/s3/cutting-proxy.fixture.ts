import { connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

export interface Cut {
  /** The connection breaks once it has carried so many bytes: `up` from the client, `down` to it. */
  readonly direction: 'up' | 'down'
  readonly bytes: number
  /** Silence keeps the connection open and carries nothing more. Default break. */
  readonly how?: 'break' | 'silence'
  /** Nothing counts before the client has sent this. */
  readonly after?: string
}

export interface CuttingProxy {
  /** `http://127.0.0.1:port`, or `https://` with `tls`. */
  readonly url: string
  /** Breaks connections until the plan is used up, one cut each. Only a connection that carries as much uses one. */
  plan(cuts: readonly Cut[]): void
  /** Cuts that have happened. */
  readonly done: () => number
  close(): Promise<void>
}

/** A TCP proxy in front of a server that breaks connections by plan. With `tls` it speaks TLS to its clients. */
export async function cuttingProxy(
  target: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target)
  let cuts: Cut[] = []
  let done = 0
  const open = new Set<Socket>()

  const serve = (client: Socket): void => {
    const server = connect(Number(port), hostname)
    const carried = { up: 0, down: 0 }
    let armed = false
    let silent = false
    const end = (): void => {
      client.destroy()
      server.destroy()
    }
    const carry = (direction: 'up' | 'down', from: Socket, to: Socket): void => {
      from.on('data', (bytes) => {
        if (silent) return
        const [cut] = cuts
        if (cut?.after !== undefined && !armed) {
          armed = direction === 'up' && bytes.includes(cut.after)
        } else carried[direction] += bytes.length
        if (cut?.direction === direction && carried[direction] >= cut.bytes) {
          cuts = cuts.slice(1)
          done++
          // What was carried so far has been given to the other side; the rest of this is not.
          if (cut.how !== 'silence') end()
          silent = true
          return
        }
        if (!to.write(bytes)) {
          from.pause()
          to.once('drain', () => from.resume())
        }
      })
      from.on('error', end).on('close', end)
    }
    open.add(client)
    client.on('close', () => open.delete(client))
    carry('up', client, server)
    carry('down', server, client)
  }

  const listener = tls === undefined ? createServer(serve) : createTlsServer(tls, serve)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    plan(next) {
      cuts = [...next]
      done = 0
    },
    done: () => done,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => listener.close(() => resolve()))
    },
  }
}
