import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'

/** Ticks a second in which Linux counts processor time. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

/** Processor time of all threads of a process so far, seconds. Linux only. */
export function cpuSecondsOf(pid: number): number {
  const [user, system] = statOf(pid).slice(11, 13)
  return (Number(user) + Number(system)) / ticksPerSecond
}

/** Resident memory of a process, bytes. Linux only. */
export function residentBytesOf(pid: number): number {
  return Number(statOf(pid)[21]) * pageBytes
}

/** What follows the name of the program, which may hold anything, in `/proc/PID/stat`. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Processor seconds that each process takes from now until the answer is called. */
export function cpuMeter<Name extends string>(pids: Readonly<Record<Name, number>>): () => Record<Name, number> {
  const names = Object.keys(pids) as Name[]
  const read = () => names.map((name) => cpuSecondsOf(pids[name]))
  const before = read()
  return () => {
    const after = read()
    return Object.fromEntries(names.map((name, i) => [name, after[i]! - before[i]!])) as Record<Name, number>
  }
}
