import { MillraceError } from '#schemas/errors.ts'
import { type ClientTls, type Exchange, openExchange } from './exchange.ts'
import type { ServerLogin } from './running-server.ts'

export interface CqlAddress {
  readonly port: number
  readonly tls?: ClientTls | undefined
  readonly login?: ServerLogin | undefined
}

const opcodes = { error: 0, startup: 1, authenticate: 3, query: 7, authResponse: 15 }
const protocol = 4
const headerBytes = 9
const localOne = 10

/**
 * Runs statements one after the other on a connection of its own; resolves with their results as bytes of protocol 4.
 * Throws `server-failed` with what Cassandra says.
 */
export async function runCql({ port, tls, login }: CqlAddress, statements: readonly string[]): Promise<Buffer[]> {
  await using exchange = await openExchange({ port, tls, answerLength })
  const options = Buffer.concat([int16(1), text('CQL_VERSION'), text('3.0.0')])
  const started = await ask(exchange, opcodes.startup, options)
  if (started.kind === opcodes.authenticate) {
    if (login === undefined) throw new MillraceError('server-failed', 'Cassandra asks for a login')
    const token = Buffer.from(`\0${login.username}\0${login.password}`)
    await ask(exchange, opcodes.authResponse, Buffer.concat([int32(token.length), token]))
  }
  const results: Buffer[] = []
  for (const statement of statements) {
    const bytes = Buffer.from(statement)
    const noFlags = Buffer.from([0])
    const query = Buffer.concat([int32(bytes.length), bytes, int16(localOne), noFlags])
    const { body } = await ask(exchange, opcodes.query, query)
    results.push(body)
  }
  return results
}

interface CqlAnswer {
  readonly kind: number
  readonly body: Buffer
}

async function ask(exchange: Exchange, opcode: number, body: Buffer): Promise<CqlAnswer> {
  const header = Buffer.from([protocol, 0, 0, 0, opcode])
  const bytes = await exchange.ask(Buffer.concat([header, int32(body.length), body]))
  const answer = { kind: bytes.readUInt8(4), body: bytes.subarray(headerBytes) }
  if (answer.kind !== opcodes.error) return answer
  const code = answer.body.readInt32BE(0)
  throw new MillraceError('server-failed', `Cassandra says ${answer.body.toString('utf8', 6)}`, { facts: { code } })
}

function answerLength(received: Buffer): number | undefined {
  if (received.length < headerBytes) return undefined
  const length = headerBytes + received.readInt32BE(5)
  return received.length < length ? undefined : length
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([int16(bytes.length), bytes])
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
