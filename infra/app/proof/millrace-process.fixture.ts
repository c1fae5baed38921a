import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The command line as a process of its own. */
export interface MillraceProcess extends AsyncDisposable {
  readonly pid: number
  /** Resolves with the first match on standard output or error, from the start on; rejects if the process ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  /** Everything said so far. */
  stdout(): string
  stderr(): string
  signal(name: NodeJS.Signals): void
  /** Exit code, null after a signal. */
  readonly ended: Promise<number | null>
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A soft limit of the size of its files, in blocks of 512 bytes: its disk is full from there on. */
  readonly fileBlocks?: number
}

const main = join(import.meta.dirname, '../main.ts')

/** Starts `millrace ARGS`, without what this process has configured by the environment. */
export function startMillrace(args: readonly string[], options: ProcessOptions = {}): MillraceProcess {
  const child = spawnMillrace([main, ...args], options)
  let stdout = ''
  let stderr = ''
  let listeners: (() => void)[] = []
  const tell = () => {
    for (const listener of listeners) listener()
  }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    tell()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    tell()
  })
  let over = false
  const ended = once(child, 'close').then(() => {
    over = true
    tell()
    return child.exitCode
  })

  return {
    pid: child.pid ?? -1,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    signal: (name) => void child.kill(name),
    said(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr)
          if (match === null && !over) return
          listeners = listeners.filter((listener) => listener !== look)
          if (match !== null) resolve(match)
          else reject(new Error(`millrace ended without saying ${pattern}:\n${stdout}\n${stderr}`))
        }
        listeners.push(look)
        look()
      })
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs `millrace ARGS` to its end. */
export async function runMillrace(args: readonly string[], options: ProcessOptions = {}): Promise<Finished> {
  await using running = startMillrace(args, options)
  const code = await running.ended
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

function spawnMillrace(args: readonly string[], { env = {}, fileBlocks }: ProcessOptions): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('MILLRACE_') && name !== 'NODE_OPTIONS',
  )
  const options = { env: { ...Object.fromEntries(inherited), ...env }, stdio: ['ignore', 'pipe', 'pipe'] as const }
  if (fileBlocks === undefined) return spawn(process.execPath, args, { ...options, stdio: [...options.stdio] })
  // A write beyond the limit fails instead of ending the process.
  const limited = `trap "" XFSZ; ulimit -S -f ${fileBlocks}; exec "$0" "$@"`
  return spawn('sh', ['-c', limited, process.execPath, ...args], { ...options, stdio: [...options.stdio] })
}
