import { join } from 'node:path'
import { download, pythonPackages } from './downloads.ts'
import { freePort } from './free-port.ts'
import { askHttp } from './http.ts'
import { type RunningServer, type ServerOptions, startServer } from './running-server.ts'

export const motoDownload = pythonPackages('moto-5.2.5', ['moto[server]==5.2.5'])

export interface S3Options extends ServerOptions {
  readonly port?: number | undefined
}

export interface S3Server extends RunningServer {
  readonly port: number
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Starts the S3 server of moto. It keeps everything in memory and takes any credentials. Resolves once it answers. */
export async function startS3(options: S3Options): Promise<S3Server> {
  const command = join(await download(motoDownload), 'bin/python')
  const port = options.port ?? (await freePort())
  const endpoint = `http://127.0.0.1:${port}`
  const args = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)]
  const server = await startServer({ ...options, name: 's3', command, args }, () => askHttp(endpoint))
  return { ...server, port, endpoint, accessKeyId: 'test', secretAccessKey: 'testtest' }
}
