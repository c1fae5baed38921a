import type { ConnectionOptions, metadataV12, SASLOptions } from '@platformatic/kafka'
import type { KafkaConnection, KafkaSasl } from '../client.ts'
import { Connection } from '@platformatic/kafka'
import { MillraceError } from '#schemas/errors.ts'
import { unreachable } from './failures.ts'
import { metadata } from './protocol.ts'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

/** Connections to the brokers of one cluster, one each, made when they are first needed. */
export interface Brokers {
  /** What any broker knows of topics; the codes of topics and partitions are in it. */
  metadata(topics: readonly string[]): Promise<metadataV12.MetadataResponse>
  /** Makes one request of the broker. Throws `store-failed` (retriable) when the connection is lost; the next request makes another. */
  ask<Answer>(at: BrokerAddress, what: string, request: (to: Connection) => Promise<Answer>): Promise<Answer>
  /** Asks any broker that answers. */
  askAny<Answer>(what: string, request: (to: Connection) => Promise<Answer>): Promise<Answer>
  close(): Promise<void>
}

export interface BrokersOptions {
  readonly connection: KafkaConnection
  /** A request without an answer for so long is a lost connection. */
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs?: number
}

export function openBrokers({ connection, requestTimeoutMs, connectTimeoutMs = 5_000 }: BrokersOptions): Brokers {
  const options = connectionOptions(connection)
  const open = new Map<string, Promise<Connection>>()
  const seeds = connection.brokers.map(parseAddress)
  let known: readonly BrokerAddress[] = []
  let isClosed = false

  async function connect({ host, port }: BrokerAddress, name: string): Promise<Connection> {
    const made = new Connection(connection.clientId, {
      ...options,
      requestTimeout: requestTimeoutMs,
      connectTimeout: connectTimeoutMs,
    })
    // Without a listener an error event would end the process; each error reaches its requests as well.
    made.on('error', () => open.delete(name))
    made.on('close', () => open.delete(name))
    await made.connect(host, port)
    return made
  }

  async function ask<Answer>(
    at: BrokerAddress,
    what: string,
    request: (to: Connection) => Promise<Answer>,
  ): Promise<Answer> {
    if (isClosed) throw new MillraceError('stopped', 'the connections to Kafka are closed')
    const name = `${at.host}:${at.port}`
    const connecting = open.get(name) ?? connect(at, name)
    open.set(name, connecting)
    try {
      return await request(await connecting)
    } catch (error) {
      if (open.get(name) === connecting) open.delete(name)
      void connecting.then(
        (lost) => lost.close(),
        () => undefined,
      )
      throw unreachable(what, error)
    }
  }

  async function askAny<Answer>(what: string, request: (to: Connection) => Promise<Answer>): Promise<Answer> {
    let last: unknown
    for (const at of [...known, ...seeds]) {
      try {
        return await ask(at, what, request)
      } catch (error) {
        if (isClosed) throw error
        last = error
      }
    }
    throw unreachable(what, last)
  }

  return {
    ask,
    askAny,
    async metadata(topics) {
      const answer = await askAny('what topics there are', async (to) => await metadata.async(to, [...topics], false))
      known = answer.brokers
      return answer
    },
    async close() {
      isClosed = true
      const all = [...open.values()]
      open.clear()
      for (const connecting of await Promise.allSettled(all)) {
        if (connecting.status === 'fulfilled') await connecting.value.close()
      }
    },
  }
}

function parseAddress(address: string): BrokerAddress {
  const colon = address.lastIndexOf(':')
  if (colon === -1) return { host: address, port: 9092 }
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
}

const mechanisms = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const

function connectionOptions({ tls, sasl }: KafkaConnection): ConnectionOptions {
  return {
    ...(tls !== undefined && { tls: { ...tls }, tlsServerName: true }),
    ...(sasl !== undefined && { sasl: saslOptions(sasl) }),
  }
}

function saslOptions({ mechanism, username, password }: KafkaSasl): SASLOptions {
  return { mechanism: mechanisms[mechanism], username, password }
}
