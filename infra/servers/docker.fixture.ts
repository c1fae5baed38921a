import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeoutMs = 10_000

/** Whether a Docker engine answers; a `docker` program alone says nothing. */
export function dockerAnswers(): Promise<boolean> {
  return run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: timeoutMs }).then(
    ({ stdout }) => stdout.trim() !== '',
    () => false,
  )
}
