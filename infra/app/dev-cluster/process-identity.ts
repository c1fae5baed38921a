import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process that cannot be mistaken for another one that was given its pid later. */
export interface OwnProcess {
  readonly pid: number
  readonly identity: string
}

/**
 * What tells a living process from any other that has had, or will have, its pid: boot and start time. Undefined when
 * there is no such process, when it is a zombie, and on systems that have neither /proc nor `ps`.
 */
export function identityOf(pid: number): string | undefined {
  const boot = textOf('/proc/sys/kernel/random/boot_id')
  return boot === undefined ? startByPs(pid) : startByProc(pid, boot.trim())
}

/** Whether it still runs. */
export function isRunning({ pid, identity }: OwnProcess): boolean {
  return identityOf(pid) === identity
}

/** Sends the signal if it still runs; a pid that now belongs to another process is left alone. */
export function signalProcess(target: OwnProcess, signal: NodeJS.Signals): boolean {
  if (!isRunning(target)) return false
  try {
    return process.kill(target.pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

function startByProc(pid: number, boot: string): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is the command in parentheses, and may hold anything; state is the third, start time the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' && !hasThreads(pid)) return undefined
  return `${boot} ${fields[19]}`
}

/** A killed process is a zombie at once, but holds its ports until the last of its threads is gone. */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1
  } catch {
    return false
  }
}

/** `ps` of macOS and the BSDs: its start time is exact to a second, so the command line is compared too. */
function startByPs(pid: number): string | undefined {
  try {
    const said = execFileSync('ps', ['-ww', '-o', 'stat=,lstart=,command=', '-p', `${pid}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    })
    const [, state = 'Z', rest = ''] = /^\s*(\S+)\s+(.*\S)\s*$/s.exec(said) ?? []
    return state.startsWith('Z') ? undefined : rest
  } catch {
    return undefined
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
