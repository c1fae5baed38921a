import { serverFlags } from './server/server-flags.ts'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { DemoImport } from '#infra/demo/sample.ts'

const main = fileURLToPath(new URL('../app/main.ts', import.meta.url))

export interface CommandRun {
  readonly stdout: string
  /** From start to exit. */
  readonly seconds: number
}

/** Runs `millrace ARGUMENTS` in a process of its own. Rejects, with what it said, when it fails. */
export function runMillrace(args: readonly string[]): Promise<CommandRun> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandRun>()
  const began = performance.now()
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0) resolve({ stdout, seconds: (performance.now() - began) / 1000 })
    else reject(new Error(`millrace ${args[0]} ended with ${code}: ${stderr}`))
  })
  return promise
}

/** The arguments of `millrace import` for these files. */
export function importArguments({ files, options }: DemoImport): string[] {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    if (value === true) return [flag]
    return (Array.isArray(value) ? value : [value]).flatMap((one: string) => [flag, one])
  })
  return ['import', ...files, ...flags, '--json']
}

/** `millrace standalone` until it said that it is ready. */
export async function startMillrace(dataDir: string): Promise<{ url: string; seconds: number; stop(): Promise<void> }> {
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [...serverFlags, main, 'standalone', '--data', dataDir, '--port', '0', '--no-demo'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MILLRACE_TRAIN_CRON: '0 3 1 1 *' },
    },
  )
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
  })
  let stdout = ''
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (stdout.includes('Ready after')) resolve()
    })
  })
  await Promise.race([ready, ended])
  const url = /listens on (\S+)/.exec(stdout)?.[1]
  if (url === undefined) throw new Error(`millrace standalone is not ready: ${stdout}`)
  return {
    url,
    seconds: (performance.now() - began) / 1000,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
