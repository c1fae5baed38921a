import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../app/config-keys.ts'

/** A role of our own beside those of the cluster. */
export interface RoleChild {
  readonly pid: number
  readonly url: string
  readonly stderr: () => string
  /** Exit code, null after a signal. */
  readonly exited: Promise<number | null>
  stop(): Promise<void>
}

const main = join(import.meta.dirname, '../../app/main.ts')
const readyWithinMs = 180_000

/** Starts `millrace ROLE` on a configuration, and waits for its address. */
export async function roleChild(role: string, config: Config, folder: string): Promise<RoleChild> {
  const file = `${folder}-config.json`
  writeFileSync(file, JSON.stringify({ ...config, port: 0 }))
  const child = spawn(process.execPath, [main, role, '--preset', 'cluster', '--config', file, '--port', '0'])
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const exit = Promise.withResolvers<number | null>()
  child.once('exit', exit.resolve).once('error', exit.reject)
  let ended = false
  void exit.promise.finally(() => (ended = true))
  const until = performance.now() + readyWithinMs
  for (;;) {
    const url = /listens on (http:\S+)/.exec(stdout)?.[1]
    if (url !== undefined) {
      return {
        url,
        pid: child.pid!,
        stderr: () => stderr,
        exited: exit.promise,
        async stop() {
          child.kill('SIGTERM')
          await exit.promise
        },
      }
    }
    if (ended || performance.now() > until) {
      child.kill('SIGKILL')
      throw new Error(`${role} did not start:\n${stderr}`)
    }
    await sleep(50)
  }
}
