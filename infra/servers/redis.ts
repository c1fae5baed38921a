import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ClientTls, openExchange } from './exchange.ts'
import { freePort } from './free-port.ts'
import { encodeCommand, parseReply, type RedisReply, replyLength } from './resp.ts'
import { type RunningServer, type ServerOptions, startServer } from './running-server.ts'
import { readClientTls, type ServerTls } from './server-tls.ts'
import { findTool } from './tools.ts'

export interface RedisOptions extends ServerOptions {
  readonly port?: number | undefined
  /** Answers TLS only. */
  readonly tls?: ServerTls | undefined
  /** Of the user `default`. */
  readonly password?: string | undefined
  /** Further lines of redis.conf. */
  readonly settings?: readonly string[]
}

export interface RedisServer extends RunningServer {
  readonly port: number
  /** Without the password. */
  readonly url: string
}

/** Starts `redis-server` of PATH on 127.0.0.1, with an append-only file. Resolves once it answers PING. */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const { dir, tls, password, settings = [] } = options
  const command = await findTool('redis-server')
  const port = options.port ?? (await freePort())
  const lines = [
    'bind 127.0.0.1',
    ...(tls === undefined ? [`port ${port}`] : tlsLines(port, tls)),
    ...(password === undefined ? [] : [`requirepass ${quoted(password)}`, `masterauth ${quoted(password)}`]),
    `dir ${quoted(dir)}`,
    'appendonly yes',
    ...settings,
  ]
  const configuration = join(dir, 'redis.conf')
  await mkdir(dir, { recursive: true })
  await writeFile(configuration, `${lines.join('\n')}\n`, { mode: 0o600 })
  const client = tls && (await readClientTls(tls))
  const server = await startServer({ ...options, name: 'redis', command, args: [configuration] }, () =>
    askRedis({ port, tls: client, password }, ['PING']),
  )
  return { ...server, port, url: `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}` }
}

export interface RedisAddress {
  readonly port: number
  readonly tls?: ClientTls | undefined
  readonly password?: string | undefined
}

/** One command on a connection of its own. Throws `server-failed` when Redis answers with an error. */
export async function askRedis({ port, tls, password }: RedisAddress, words: readonly string[]): Promise<RedisReply> {
  await using exchange = await openExchange({ port, tls, answerLength: replyLength })
  if (password !== undefined) parseReply(await exchange.ask(encodeCommand(['AUTH', password])))
  return parseReply(await exchange.ask(encodeCommand(words)))
}

function tlsLines(port: number, { caFile, certFile, keyFile, askClients = false }: ServerTls): string[] {
  return [
    'port 0',
    `tls-port ${port}`,
    `tls-ca-cert-file ${quoted(caFile)}`,
    `tls-cert-file ${quoted(certFile)}`,
    `tls-key-file ${quoted(keyFile)}`,
    `tls-auth-clients ${askClients ? 'yes' : 'no'}`,
  ]
}

/** Quoting as redis.conf reads it. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
