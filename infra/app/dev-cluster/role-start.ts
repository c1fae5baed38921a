import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { setPriority } from 'node:os'
import { dirname } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'
import type { Start } from './member.ts'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly log: string
  /** Its nice value: the higher, the less it gets of a processor that others want too. */
  readonly nice: number
}

/** A log longer than this is put aside, as `.1`, when its process starts again. */
const longestLog = 10_000_000

/** Starts a program in a session of its own, its output at the end of the log. */
export function startProgram({ command, args, env, log, nice }: Program): Start {
  return (listener) =>
    new Promise((resolve, reject) => {
      const out = openLog(log)
      const child = spawn(command, args, { env, detached: true, stdio: ['ignore', out, out] })
      closeSync(out)
      child.once('error', (cause) => {
        reject(new MillraceError('configuration-invalid', `${command} cannot be started`, { cause }))
      })
      child.once('exit', (code, signal) => listener.ended(signal ?? `exit code ${code}`))
      if (child.pid === undefined) return
      if (nice > 0) setPriority(child.pid, nice)
      listener.pid(child.pid)
      child.unref()
      resolve()
    })
}

export function openLog(log: string): number {
  mkdirSync(dirname(log), { recursive: true })
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > longestLog) renameSync(log, `${log}.1`)
  return openSync(log, 'a')
}
