import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** One keep-alive connection that has one request under way at a time. */
export interface RawConnection {
  /** `request`: the bytes of a whole HTTP/1.1 request. Rejects when the connection ends before the answer is whole. */
  send(request: Buffer): Promise<Answer>
  close(): void
}

const headEnd = Buffer.from('\r\n\r\n')

/** Speaks as much HTTP/1.1 as a measured server answers with, so that the client takes little of the machine. */
export async function rawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const opened = Promise.withResolvers<void>()
  let waiting: PromiseWithResolvers<Answer> | undefined
  let received = Buffer.alloc(0)

  function fail(error: Error): void {
    opened.reject(error)
    waiting?.reject(error)
    waiting = undefined
  }

  socket.once('connect', opened.resolve)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed the connection')))
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const end = received.indexOf(headEnd)
    if (end === -1) return
    const head = received.toString('latin1', 0, end)
    const length = /\r\ncontent-length: (\d+)/i.exec(head)
    if (length === null) {
      socket.destroy(new Error(`an answer without content-length: ${head}`))
      return
    }
    const from = end + headEnd.length
    const to = from + Number(length[1])
    if (received.length < to) return
    const answer = { status: Number(head.slice(9, 12)), body: received.subarray(from, to) }
    received = received.subarray(to)
    const asked = waiting
    waiting = undefined
    asked?.resolve(answer)
  })
  await opened.promise
  return {
    send(request) {
      waiting = Promise.withResolvers()
      socket.write(request)
      return waiting.promise
    },
    close: () => socket.destroy(),
  }
}

/** The bytes of a request, with a JSON body where there is one. */
export function requestBytes(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: string): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`
  if (body === undefined) return Buffer.from(`${head}\r\n`)
  const length = Buffer.byteLength(body)
  return Buffer.from(`${head}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`)
}
