import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { MillraceError } from '#schemas/errors.ts'

/** Texts in PEM with which a client trusts a server and shows who it is. */
export interface ClientTls {
  readonly ca: string
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface ExchangeOptions {
  /** On 127.0.0.1. */
  readonly port: number
  readonly tls?: ClientTls | undefined
  /** Bytes of the answer that the buffer begins with, undefined while it is not whole. */
  readonly answerLength: (received: Buffer) => number | undefined
}

/** A connection on which questions are asked one at a time: enough to see whether a server answers. */
export interface Exchange extends AsyncDisposable {
  ask(question: Uint8Array): Promise<Buffer>
}

const timeoutMs = 30_000

/** Connects, with a handshake where TLS is asked for. Whatever takes longer than 30 s fails. */
export async function openExchange({ port, tls, answerLength }: ExchangeOptions): Promise<Exchange> {
  const where = { host: '127.0.0.1', port }
  const socket = tls === undefined ? connectTcp(where) : connectTls({ ...where, ...tls })
  socket.setTimeout(timeoutMs, () => socket.destroy(failed(port, `did not answer within ${timeoutMs} ms`)))
  try {
    await once(socket, tls === undefined ? 'connect' : 'secureConnect')
  } catch (error) {
    socket.destroy()
    throw error
  }
  let received = Buffer.alloc(0)
  let broken: Error | undefined
  let heard = Promise.withResolvers<void>()
  const tell = () => {
    heard.resolve()
    heard = Promise.withResolvers()
  }
  const fail = (error: Error) => {
    broken ??= error
    tell()
  }
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
    tell()
  })
  socket.on('error', fail)
  socket.on('close', () => fail(failed(port, 'closed the connection')))

  return {
    async ask(question) {
      socket.write(question)
      for (;;) {
        const length = answerLength(received)
        if (length !== undefined) {
          const answer = received.subarray(0, length)
          received = received.subarray(length)
          return answer
        }
        if (broken !== undefined) throw broken
        await heard.promise
      }
    },
    [Symbol.asyncDispose]() {
      socket.destroy()
      return Promise.resolve()
    },
  }
}

function failed(port: number, what: string): MillraceError {
  return new MillraceError('server-failed', `127.0.0.1:${port} ${what}`, { retriable: true, facts: { port } })
}
