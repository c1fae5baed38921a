import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { MillraceError } from '#schemas/errors.ts'

/** A server as a process of this machine. Disposed of, it is killed. */
export interface RunningServer extends AsyncDisposable {
  readonly name: string
  /** Of the server itself, not of a wrapper. */
  readonly pid: number
  /** What it wrote to standard output and error, of all its starts on this folder. */
  readonly logFile: string
  /** Resolves when the process has ended, however it ended. */
  readonly exited: Promise<ServerExit>
  /** Asks it to end, kills it after 20 s, and resolves once it has ended. Its data stay. */
  readonly stop: () => Promise<void>
  /** `kill -9`; resolves once it has ended. */
  readonly kill: () => Promise<void>
}

export interface ServerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Options of every server. */
export interface ServerOptions {
  /** Folder of its data, settings and log; made when it is missing. Started there again, it finds its data. */
  readonly dir: string
  /** The server outlives this process. Without it the server is killed when this process exits. */
  readonly keepRunning?: boolean | undefined
  /** Told the pid as soon as there is one, long before the server answers. */
  readonly onPid?: ((pid: number) => void) | undefined
}

/** The one user that a server which asks for a login is started with. Letters and digits only. */
export interface ServerLogin {
  readonly username: string
  readonly password: string
}

export interface ServerCommand extends ServerOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const graceMs = 20_000
const readyMs = 240_000
const pollMs = 100

/**
 * Starts a process and resolves once `answers` does: it is called again and again while it rejects. Throws
 * `tool-missing` when there is no such program, `server-failed` with the end of its log when it ended or did not answer
 * within four minutes.
 */
export async function startServer(options: ServerCommand, answers: () => Promise<unknown>): Promise<RunningServer> {
  const server = await launch(options)
  let ended: ServerExit | undefined
  void server.exited.then((exit) => (ended = exit))
  const deadline = performance.now() + readyMs
  for (;;) {
    const refusal = await answers().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (ended === undefined && refusal === undefined) return server
    if (ended !== undefined || performance.now() > deadline) {
      const exit = ended
      await server.kill()
      throw await failure(server, exit, refusal?.error)
    }
    await Promise.race([after(pollMs), server.exited])
  }
}

async function launch({
  name,
  command,
  args,
  env,
  dir,
  keepRunning = false,
  onPid,
}: ServerCommand): Promise<RunningServer> {
  await mkdir(dir, { recursive: true })
  const logFile = join(dir, `${name}.log`)
  await using log = await open(logFile, 'a')
  const child = spawn(command, args, {
    cwd: dir,
    env: { ...process.env, ...env },
    stdio: ['ignore', log.fd, log.fd],
    detached: keepRunning,
  })
  if (child.pid !== undefined) onPid?.(child.pid)
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new MillraceError('tool-missing', `${name} cannot be started: ${command} does not run`, { cause })
  })
  if (keepRunning) child.unref()
  else endWithThisProcess(child)

  const running = () => child.exitCode === null && child.signalCode === null
  const kill = async () => {
    if (running()) child.kill('SIGKILL')
    await exited
  }
  return {
    name,
    pid: child.pid ?? -1,
    logFile,
    exited,
    kill,
    [Symbol.asyncDispose]: kill,
    async stop() {
      if (!running()) return
      child.kill('SIGTERM')
      // A process under SIGSTOP hears SIGTERM only once it goes on.
      child.kill('SIGCONT')
      const waiting = new AbortController()
      await Promise.race([exited, after(graceMs, undefined, { signal: waiting.signal })])
      waiting.abort()
      await kill()
    },
  }
}

const children = new Set<ChildProcess>()

function endWithThisProcess(child: ChildProcess): void {
  if (children.size === 0) process.once('exit', killAll)
  children.add(child)
  child.once('exit', () => {
    children.delete(child)
    if (children.size === 0) process.off('exit', killAll)
  })
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

async function failure(server: RunningServer, exit: ServerExit | undefined, cause: unknown): Promise<MillraceError> {
  const log = await readFile(server.logFile, 'utf8')
  const what =
    exit === undefined ? `does not answer after ${readyMs / 1000} s` : `ended with ${exit.signal ?? exit.code}`
  const lastLines = log.trimEnd().split('\n').slice(-10).join('\n')
  return new MillraceError('server-failed', `${server.name} ${what} (${server.logFile}):\n${lastLines}`, {
    cause,
    facts: { server: server.name, logFile: server.logFile },
  })
}
