import { MillraceError } from '#schemas/errors.ts'
import { type ClientTls, type Exchange, openExchange } from './exchange.ts'
import type { ServerLogin } from './running-server.ts'

export interface KafkaAddress {
  readonly port: number
  readonly tls?: ClientTls | undefined
  readonly login?: ServerLogin | undefined
}

const saslHandshake = { key: 17, version: 1 }
const saslAuthenticate = { key: 36, version: 0 }
const metadata = { key: 3, version: 1 }

/** Number of brokers that Kafka knows of. Throws while there is none, or when the login is refused. */
export async function askMetadata({ port, tls, login }: KafkaAddress): Promise<number> {
  await using exchange = await openExchange({ port, tls, answerLength: withLength })
  if (login !== undefined) await logIn(exchange, login)
  const noTopics = int32(0)
  const answer = await ask(exchange, metadata, noTopics)
  const brokers = answer.readInt32BE(0)
  if (brokers < 1) throw new MillraceError('server-failed', 'Kafka has no broker yet', { retriable: true })
  return brokers
}

async function logIn(exchange: Exchange, { username, password }: ServerLogin): Promise<void> {
  const plain = Buffer.from('PLAIN')
  const handshake = await ask(exchange, saslHandshake, Buffer.concat([int16(plain.length), plain]))
  if (handshake.readInt16BE(0) !== 0) throw new MillraceError('server-failed', 'Kafka does not speak SASL PLAIN')
  const token = Buffer.from(`\0${username}\0${password}`)
  const login = await ask(exchange, saslAuthenticate, Buffer.concat([int32(token.length), token]))
  if (login.readInt16BE(0) !== 0) throw new MillraceError('server-failed', `Kafka refuses ${username}`)
}

/** The body of the answer. */
async function ask(exchange: Exchange, api: typeof metadata, body: Buffer): Promise<Buffer> {
  const correlation = int32(0)
  const noClientId = int16(-1)
  const request = Buffer.concat([int16(api.key), int16(api.version), correlation, noClientId, body])
  const answer = await exchange.ask(Buffer.concat([int32(request.length), request]))
  return answer.subarray(8)
}

function withLength(received: Buffer): number | undefined {
  if (received.length < 4) return undefined
  const length = 4 + received.readInt32BE(0)
  return received.length < length ? undefined : length
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
