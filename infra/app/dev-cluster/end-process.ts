import { setTimeout as after } from 'node:timers/promises'
import { isRunning, type OwnProcess, signalProcess } from './process-identity.ts'

const pollMs = 50

/** Asks a process to end, kills it after `graceMs`, and resolves once it is gone. */
export async function endProcess(target: OwnProcess, graceMs: number): Promise<void> {
  const killAt = performance.now() + graceMs
  signalProcess(target, 'SIGTERM')
  // Under SIGSTOP it would hear nothing.
  signalProcess(target, 'SIGCONT')
  let killed = false
  while (isRunning(target)) {
    if (!killed && performance.now() >= killAt) killed = signalProcess(target, 'SIGKILL')
    await after(pollMs)
  }
}
