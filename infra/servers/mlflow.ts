import { join } from 'node:path'
import { download, pythonPackages } from './downloads.ts'
import { freePort } from './free-port.ts'
import { askHttp } from './http.ts'
import { type RunningServer, type ServerOptions, startServer } from './running-server.ts'

export const mlflowDownload = pythonPackages('mlflow-3.17.2', ['mlflow==3.17.2'])

export interface MlflowServer extends RunningServer {
  readonly url: string
}

/**
 * Starts an MLflow server that keeps its runs in a file of its folder. Resolves once it answers. `mlflow server` would
 * start this program below itself, and leave it and its job runners behind when it is killed.
 */
export async function startMlflow(options: ServerOptions): Promise<MlflowServer> {
  const command = join(await download(mlflowDownload), 'bin/python')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const store = 'sqlite:///runs.db'
  const env = {
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    _MLFLOW_SERVER_FILE_STORE: store,
    _MLFLOW_SERVER_REGISTRY_STORE: store,
    _MLFLOW_SERVER_ARTIFACT_ROOT: './artifacts',
  }
  const args = ['-m', 'uvicorn', '--host', '127.0.0.1', '--port', String(port), 'mlflow.server.fastapi_app:app']
  const server = await startServer({ ...options, name: 'mlflow', command, args, env }, () => askHttp(`${url}/health`))
  return { ...server, url }
}
