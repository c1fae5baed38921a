import type { ClusterFolder, MemberRecord } from './cluster-folder.ts'
import { readPlan, readState } from './cluster-folder.ts'
import type { Member } from './member.ts'
import type { Plan } from './plan.ts'
import { isRunning } from './process-identity.ts'
import { newRecord } from './reconcile.ts'

interface MemberStatus {
  /** Of the process itself; null when it is down. */
  readonly pid: number | null
  readonly state: MemberRecord['state']
  readonly restarts: number
  /** ISO 8601. */
  readonly startedAt: string | null
  /** How it ended last, null if it never did. */
  readonly lastEnd: string | null
  /** ISO 8601; null unless its next start is put off because it keeps ending. */
  readonly retryAt: string | null
  readonly log: string
}

export interface ClusterStatus {
  readonly roles: Readonly<Record<string, MemberStatus & { readonly url: string }>>
  readonly servers: Readonly<Record<string, MemberStatus & { readonly endpoint: string }>>
}

export interface StatusReport {
  readonly status: ClusterStatus
  readonly supervisor: { readonly pid: number } | undefined
  /** The supervisor, or members, that are not as they should be, for people. */
  readonly wrong: readonly string[]
}

export interface StatusOptions {
  readonly folder: ClusterFolder
  readonly membersOf: (plan: Plan) => readonly Member[]
  /** Of a server in a container. */
  readonly containerPid: (name: string) => Promise<number | null>
}

/** How the cluster is now: every pid is looked up and every member asked, whatever the supervisor wrote last. */
export async function clusterStatus({ folder, membersOf, containerPid }: StatusOptions): Promise<StatusReport> {
  const plan = readPlan(folder)
  const state = readState(folder)
  const supervised = state.supervisor !== null && isRunning(state.supervisor)
  const members = plan === undefined ? [] : membersOf(plan)
  const entries = await Promise.all(
    members.map(async (member) => {
      const record = state.members[member.name] ?? newRecord
      const contained = member.start === undefined
      const running = contained ? true : record.process !== null && isRunning(record.process)
      const answers = running && (await member.answers())
      const pid = contained ? await containerPid(member.name) : running ? (record.process?.pid ?? null) : null
      return { member, status: { pid, ...statusOf({ record, running, answers, log: member.log }) } }
    }),
  )
  const of = (kind: Member['kind']) => entries.filter(({ member }) => member.kind === kind)
  const wrong = entries
    .filter(({ status }) => status.state !== 'ready')
    .map(({ member, status }) => `${member.name} is ${status.state}`)
  return {
    status: {
      roles: Object.fromEntries(
        of('role').map(({ member, status }) => [member.name, { url: member.endpoint, ...status }]),
      ),
      servers: Object.fromEntries(
        of('server').map(({ member, status }) => [member.name, { endpoint: member.endpoint, ...status }]),
      ),
    },
    supervisor: supervised && state.supervisor !== null ? { pid: state.supervisor.pid } : undefined,
    wrong: [
      ...(plan === undefined ? [`${folder.path} has no cluster`] : supervised ? [] : ['no supervisor runs']),
      ...wrong,
    ],
  }
}

interface Looked {
  readonly record: MemberRecord
  readonly running: boolean
  readonly answers: boolean
  readonly log: string
}

function statusOf({ record, running, answers, log }: Looked): Omit<MemberStatus, 'pid'> {
  const wasReady = record.state === 'ready' || record.state === 'failing'
  const state = answers ? 'ready' : running ? (wasReady ? 'failing' : 'starting') : notRunning(record.state)
  return {
    state,
    restarts: record.restarts,
    startedAt: record.startedAt === 0 ? null : new Date(record.startedAt).toISOString(),
    lastEnd: record.lastEnd === '' ? null : record.lastEnd,
    retryAt: !running && record.retryAt > record.startedAt ? new Date(record.retryAt).toISOString() : null,
    log,
  }
}

function notRunning(state: MemberRecord['state']): MemberRecord['state'] {
  return state === 'stopped' || state === 'waiting' ? state : 'down'
}

/** A line for each member, in columns. */
export function statusTable({ status, supervisor, wrong }: StatusReport): string {
  const head = ['', 'state', 'pid', 'restarts', 'where', 'last end']
  const row = (name: string, where: string, { state, pid, restarts, lastEnd, retryAt }: MemberStatus) => {
    const end = retryAt === null ? lastEnd : `${lastEnd}, again at ${retryAt}`
    return [name, state, `${pid ?? '–'}`, `${restarts}`, where, end ?? '']
  }
  const rows = [
    ...Object.entries(status.servers).map(([name, each]) => row(name, each.endpoint, each)),
    ...Object.entries(status.roles).map(([name, each]) => row(name, each.url, each)),
  ]
  if (rows.length === 0) return wrong.join('; ')
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((cells) => cells[at]?.length ?? 0)))
  const lines = [head, ...rows].map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const tail =
    supervisor === undefined ? 'No supervisor runs: nothing is restarted.' : `supervised by ${supervisor.pid}`
  return [...lines, '', tail].join('\n')
}
