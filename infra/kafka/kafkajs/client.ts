import type { Socket } from 'node:net'
import type { KafkaConnection, KafkaSasl } from '../client.ts'
import kafkajs, { type ISocketFactoryArgs, type Kafka, type RetryOptions, type SASLOptions } from 'kafkajs'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { registerCodecs } from './codecs.ts'
import { mendRequestTimer } from './timer.ts'

export interface KafkajsClient {
  readonly kafka: Kafka
  /** Ends all connections at once and makes no others: every request under way fails, also one whose answer will never come. */
  abandon(): void
}

export interface KafkajsClientOptions {
  /** A request without an answer for so long has failed. */
  readonly requestTimeoutMs: number
  readonly retries: number
}

const backOff = { initialRetryTime: 100, maxRetryTime: 1_000, multiplier: 2, factor: 0.2 } as const
const connectTimeoutMs = 3_000
const keepAliveMs = 10_000
const givenUp = 'the connections were given up by this side'

registerCodecs()
mendRequestTimer()

/** kafkajs, silent (what fails is thrown), with connections that can be given up. */
export function kafkajsClient(
  connection: KafkaConnection,
  { requestTimeoutMs, retries }: KafkajsClientOptions,
): KafkajsClient {
  const sockets = new Set<Socket>()
  let isAbandoned = false

  function socketFactory({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
    if (isAbandoned) throw new Error(givenUp)
    // kafkajs gives no `ssl` where none is configured, whatever its type says.
    const isTls: boolean = Boolean(ssl)
    const servername = isIP(host) === 0 ? { servername: host } : {}
    const socket = isTls
      ? connectTls({ host, port, ...servername, ...ssl }, onConnect)
      : connect({ host, port }, onConnect)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, keepAliveMs)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  const { brokers, clientId, tls, sasl } = connection
  const retry: RetryOptions = { ...backOff, retries }
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    ...(tls !== undefined && { ssl: { ...tls } }),
    ...(sasl !== undefined && { sasl: saslOptions(sasl) }),
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry,
    socketFactory,
    logLevel: kafkajs.logLevel.NOTHING,
  })
  return {
    kafka,
    abandon() {
      isAbandoned = true
      for (const socket of sockets) socket.destroy(new Error(givenUp))
    },
  }
}

function saslOptions({ mechanism, username, password }: KafkaSasl): SASLOptions {
  return { mechanism, username, password }
}
