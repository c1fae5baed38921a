import { join } from 'node:path'
import { download, goProgram } from './downloads.ts'
import { freePort } from './free-port.ts'
import { askHttp } from './http.ts'
import { type RunningServer, type ServerOptions, startServer } from './running-server.ts'

export const toxiproxyDownload = goProgram('toxiproxy-2.5.0', 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0')

export interface ToxiproxyOptions extends ServerOptions {
  readonly port?: number | undefined
}

export interface ToxiproxyServer extends RunningServer {
  readonly port: number
  /** Of its HTTP API. */
  readonly url: string
}

/** Starts toxiproxy 2.5 without proxies; it keeps none over a restart. Resolves once its API answers. */
export async function startToxiproxy(options: ToxiproxyOptions): Promise<ToxiproxyServer> {
  const command = join(await download(toxiproxyDownload), 'server')
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const args = ['-host', '127.0.0.1', '-port', String(port)]
  const server = await startServer({ ...options, name: 'toxiproxy', command, args }, () => askHttp(`${url}/version`))
  return { ...server, port, url }
}
