import { readFile } from 'node:fs/promises'
import type { ClientTls } from './exchange.ts'

/** Files in PEM with which a server speaks TLS. The key is not encrypted. */
export interface ServerTls {
  /** The authority that signed the server's certificate, and those of its clients. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  /** Both in one file, the key first: Kafka and Cassandra read them so. */
  readonly certAndKeyFile: string
  /** Clients must show a certificate of the same authority. */
  readonly askClients?: boolean
}

/** What a client of this server needs; the server's own certificate stands in for a client's where one is asked for. */
export async function readClientTls({ caFile, certFile, keyFile, askClients = false }: ServerTls): Promise<ClientTls> {
  const ca = await readFile(caFile, 'utf8')
  if (!askClients) return { ca }
  return { ca, cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
}
