import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { MillraceError } from '#schemas/errors.ts'
import { takeOwnership } from '#infra/lmdb/folder-owner.ts'
import { writeClusterConfig } from './cluster-config.ts'
import { makeFolders, readPlan, readState, writePlan, type ClusterFolder, type MemberRecord } from './cluster-folder.ts'
import { lastLines } from './last-lines.ts'
import type { Member } from './member.ts'
import { oneOfEach, type Instances, type Plan, portNames } from './plan.ts'
import { isRunning } from './process-identity.ts'
import { openLog } from './role-start.ts'

export interface UpOptions {
  readonly folder: ClusterFolder
  readonly membersOf: (plan: Plan) => readonly Member[]
  /** Upon what the plan had before. */
  readonly instances: (before: Instances) => Instances
  /** Taken when the plan is first made. */
  readonly partitions: number
  /** Asked when the plan is first made. */
  readonly chooseServers: () => Promise<Plan['servers']>
  readonly freePort: () => Promise<number>
  /** What the supervisor needs and what takes long, done while somebody watches. */
  readonly prepare: (plan: Plan) => Promise<void>
  /** Entry file of the supervisor. */
  readonly supervisor: string
  readonly say: (line: string) => void
  /** Given to all members to get ready. */
  readonly patienceMs: number
}

export interface Up {
  readonly plan: Plan
  /** Members that were not ready before. */
  readonly started: readonly string[]
}

const pollMs = 100
/** A member that has ended so often in a row, soon after each start, is not waited for. */
const hopeless = 4

/** Starts what is not running, and resolves once every member is ready. Leaves the rest as it is. */
export async function clusterUp(options: UpOptions): Promise<Up> {
  const { folder, prepare, say } = options
  makeFolders(folder)
  const before = runningPids(folder)
  const plan = await planned(options)
  await prepare(plan)
  await ensureSupervisor(options)
  const started: string[] = []
  await allReady(options, plan, ({ name, endpoint }, pid) => {
    if (pid === undefined || before.get(name) === pid) return
    started.push(name)
    say(`${name} is ready at ${endpoint}`)
  })
  return { plan, started }
}

/** Two `up`s at once make one plan. */
async function planned({ folder, instances, partitions, chooseServers, freePort }: UpOptions): Promise<Plan> {
  const turn = await ownTurn(folder)
  try {
    const before = readPlan(folder)
    const wanted = instances(before?.instances ?? oneOfEach)
    const ports = { ...before?.ports }
    for (const name of portNames(wanted)) {
      while (ports[name] === undefined) {
        const port = await freePort()
        if (!Object.values(ports).includes(port)) ports[name] = port
      }
    }
    const servers = before?.servers ?? (await chooseServers())
    const plan: Plan = {
      format: 1,
      servers,
      instances: wanted,
      partitions: before?.partitions ?? partitions,
      ports,
      asked: (before?.asked ?? 0) + 1,
    }
    writeClusterConfig(plan, folder)
    writePlan(folder, plan)
    return plan
  } finally {
    await turn.release()
  }
}

async function ownTurn(folder: ClusterFolder): Promise<{ release(): Promise<void> }> {
  for (;;) {
    try {
      return takeOwnership(folder.path, Date.now())
    } catch (error) {
      if (!(error instanceof MillraceError && error.code === 'folder-in-use')) throw error
      await after(pollMs)
    }
  }
}

async function ensureSupervisor({ folder, supervisor }: UpOptions): Promise<void> {
  const running = () => {
    const { supervisor } = readState(folder)
    return supervisor !== null && isRunning(supervisor)
  }
  if (running()) return
  const log = folder.log('supervisor')
  const out = openLog(log)
  const child = spawn(process.execPath, [supervisor, '--dir', folder.path], {
    detached: true,
    stdio: ['ignore', out, out],
  })
  closeSync(out)
  child.unref()
  let ended = false
  child.once('error', () => (ended = true)).once('exit', () => (ended = true))
  // Of two that are started at once, one stays.
  while (!running()) {
    if (ended) throw new MillraceError('server-failed', `the supervisor ended (${log}):\n${lastLines(log)}`)
    await after(pollMs)
  }
}

function runningPids(folder: ClusterFolder): ReadonlyMap<string, number> {
  const running = Object.entries(readState(folder).members).flatMap(([name, { process }]): [string, number][] =>
    process !== null && isRunning(process) ? [[name, process.pid]] : [],
  )
  return new Map(running)
}

async function allReady(
  { folder, membersOf, patienceMs }: UpOptions,
  plan: Plan,
  onReady: (member: Member, pid: number | undefined) => void,
): Promise<void> {
  const waited = new Set(membersOf(plan))
  const giveUpAt = performance.now() + patienceMs
  while (waited.size > 0) {
    const state = readState(folder)
    if (state.supervisor === null || !isRunning(state.supervisor))
      throw new MillraceError('stopped', 'the cluster was stopped meanwhile')
    for (const member of state.asked < plan.asked ? [] : waited) {
      const record = state.members[member.name]
      if (record?.state === 'ready' && isAsWanted(record, member)) {
        waited.delete(member)
        onReady(member, record.process?.pid)
      } else if (record?.state === 'down' && record.shortLives >= hopeless)
        throw notReady(member, `keeps ending (${record.lastEnd})`)
      else if (performance.now() > giveUpAt) throw notReady(member, `is not ready after ${patienceMs / 1_000} s`)
    }
    await after(pollMs)
  }
}

/** Not one that is ready still, and about to be stopped and started anew. */
function isAsWanted({ process, fingerprint }: MemberRecord, member: Member): boolean {
  return process === null || fingerprint === member.fingerprint
}

function notReady({ name, log }: Member, what: string): MillraceError {
  return new MillraceError('server-failed', `${name} ${what}; the end of ${log}:\n${lastLines(log)}`, {
    facts: { name, log },
  })
}
