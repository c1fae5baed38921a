import { setTimeout as after } from 'node:timers/promises'
import { readPlan, readState, writeState, type ClusterFolder } from './cluster-folder.ts'
import type { Member } from './member.ts'
import type { Plan } from './plan.ts'
import { isRunning, signalProcess } from './process-identity.ts'
import { stopInOrder } from './stop-in-order.ts'

export interface DownOptions {
  readonly folder: ClusterFolder
  readonly membersOf: (plan: Plan) => readonly Member[]
  /** Stops servers that run in containers. */
  readonly stopContainers: () => Promise<void>
}

/** The supervisor's own bounds, one wave after the other, and some more. */
const patienceMs = 120_000
const pollMs = 100

/** Stops what the folder's cluster has running, roles first; nothing to stop is no error. Returns how many processes ended. */
export async function clusterDown({ folder, membersOf, stopContainers }: DownOptions): Promise<number> {
  const plan = readPlan(folder)
  if (plan === undefined) return 0
  const running = () => Object.values(readState(folder).members).filter(({ process }) => process && isRunning(process))
  const before = running().length
  await endSupervisor(folder)
  const { supervisor, asked, members: left } = readState(folder)
  const records = new Map(Object.entries(left))
  const note = () => writeState(folder, { supervisor, asked, members: Object.fromEntries(records) })
  // The supervisor has done this unless it was killed or took too long.
  await stopInOrder({ members: membersOf(plan), records, note })
  if (plan.servers === 'docker') await stopContainers()
  return before
}

async function endSupervisor(folder: ClusterFolder): Promise<void> {
  const { supervisor } = readState(folder)
  if (supervisor === null) return
  signalProcess(supervisor, 'SIGTERM')
  signalProcess(supervisor, 'SIGCONT')
  const killAt = performance.now() + patienceMs
  while (isRunning(supervisor)) {
    if (performance.now() > killAt) signalProcess(supervisor, 'SIGKILL')
    await after(pollMs)
  }
}
