import { join } from 'node:path'
import { download, pythonPackages } from './downloads.ts'
import { freePort } from './free-port.ts'
import { askHttp } from './http.ts'
import { type RunningServer, type ServerOptions, startServer } from './running-server.ts'

export const mlflowDownload = pythonPackages('mlflow-3.17.2', ['mlflow==3.17.2'])

export interface MlflowServer extends RunningServer {
  readonly url: string
}

/** Starts an MLflow server that keeps its runs in a file of its folder. Resolves once it answers. */
export async function startMlflow(options: ServerOptions): Promise<MlflowServer> {
  const command = join(await download(mlflowDownload), 'bin/python')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const store = ['--backend-store-uri', 'sqlite:///runs.db', '--default-artifact-root', './artifacts']
  const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...store]
  const server = await startServer({ ...options, name: 'mlflow', command, args }, () => askHttp(`${url}/health`))
  return { ...server, url }
}
