import type { Clock } from '#schemas/ports/clock.ts'
import { readPlan, readState, writeState, type ClusterFolder, type MemberRecord } from './cluster-folder.ts'
import { endProcess } from './end-process.ts'
import type { Member, StartListener } from './member.ts'
import type { Plan } from './plan.ts'
import { identityOf, isRunning, signalProcess } from './process-identity.ts'
import { actionsFor, died, impatient, newRecord, seen, unseenEnd } from './reconcile.ts'
import { stopInOrder } from './stop-in-order.ts'

export interface SupervisorOptions {
  readonly folder: ClusterFolder
  readonly membersOf: (plan: Plan) => readonly Member[]
  readonly clock: Clock
  /** Ends the cluster: every member is stopped, then the supervision. */
  readonly signal: AbortSignal
  readonly report: (line: string) => void
}

const lookEveryMs = 200
const probeEveryMs = 500

/** What is known of a member in this process only. */
interface Watch {
  /** The start or stop under way. */
  busy: object | undefined
  probing: boolean
  probedAt: number
  /** Undefined until it was asked: what was noted of it stands. */
  answers: boolean | undefined
  end: string | undefined
}

/**
 * Keeps what the plan wants running, until the signal. Each pid is noted in the folder's state as soon as there is one,
 * and what an earlier supervisor has left running is taken over, so this process too may be killed at any time. One
 * supervisor a folder: the caller sees to it.
 */
export async function supervise({ folder, membersOf, clock, signal, report }: SupervisorOptions): Promise<void> {
  const records = new Map<string, MemberRecord>(Object.entries(readState(folder).members))
  const watches = new Map<string, Watch>()
  const tasks = new Set<Promise<void>>()
  const identity = identityOf(process.pid)
  const supervisor = identity === undefined ? null : { pid: process.pid, identity }
  let asked = 0
  let members: readonly Member[] = []
  let written = ''
  let wake = () => {}

  const recordOf = (name: string) => records.get(name) ?? newRecord

  function watchOf(name: string): Watch {
    const known = watches.get(name)
    if (known !== undefined) return known
    const watch = { busy: undefined, probing: false, probedAt: 0, answers: undefined, end: undefined }
    watches.set(name, watch)
    return watch
  }

  function note(): void {
    const state = { supervisor, asked, members: Object.fromEntries(records) }
    const text = JSON.stringify(state)
    if (text !== written) writeState(folder, state)
    written = text
  }

  function followPlan(): void {
    const plan = readPlan(folder)
    if (plan === undefined || plan.asked === asked) return
    members = membersOf(plan)
    asked = plan.asked
    forgetWaits()
  }

  function forgetWaits(): void {
    for (const [name, record] of records) if (record.process === null) records.set(name, impatient(record))
  }

  function look(): void {
    let serverCameBack = false
    for (const member of members) {
      const { name, kind, start } = member
      const record = recordOf(name)
      const watch = watchOf(name)
      if (record.process !== null || start === undefined) probe(member)
      const answers = watch.answers ?? record.state === 'ready'
      const alive = start === undefined ? answers : record.process !== null && isRunning(record.process)
      const next = seen(record, { alive, answers, end: watch.end }, clock.now())
      records.set(name, next)
      if (next.state === record.state) continue
      report(`${name}: ${next.state}${next.state === 'down' ? `, ${next.lastEnd}` : ''}`)
      serverCameBack ||= kind === 'server' && next.state === 'ready'
    }
    // What died for want of a server need not wait any longer.
    if (serverCameBack) forgetWaits()
  }

  function probe(member: Member): void {
    const watch = watchOf(member.name)
    if (watch.probing || clock.now() - watch.probedAt < probeEveryMs) return
    const pid = recordOf(member.name).process?.pid
    watch.probing = true
    void member.answers().then((answers) => {
      watch.probing = false
      watch.probedAt = clock.now()
      // An answer of the process before says nothing about this one.
      if (recordOf(member.name).process?.pid === pid) watch.answers = answers
    })
  }

  function begin(name: string, act: () => Promise<void>): void {
    const watch = watchOf(name)
    const token = {}
    watch.busy = token
    const task = act()
      .catch((error: unknown) => report(`${name}: ${messageOf(error)}`))
      .finally(() => {
        if (watch.busy === token) watch.busy = undefined
        tasks.delete(task)
        wake()
      })
    tasks.add(task)
  }

  function start(member: Member): void {
    const { name, fingerprint } = member
    const watch = watchOf(name)
    const before = recordOf(name)
    const restarts = before.restarts + (before.state === 'down' ? 1 : 0)
    records.set(name, { ...before, state: 'starting', fingerprint, startedAt: clock.now(), restarts })
    Object.assign(watch, { answers: false, probedAt: 0, end: undefined })
    let own: number | undefined
    const listener: StartListener = {
      pid(pid) {
        own = pid
        const identity = identityOf(pid)
        if (identity === undefined) records.set(name, died(recordOf(name), 'ended at once', clock.now()))
        else records.set(name, { ...recordOf(name), process: { pid, identity } })
        note()
        watch.busy = undefined
        if (signal.aborted && identity !== undefined) signalProcess({ pid, identity }, 'SIGKILL')
      },
      ended(how) {
        const record = recordOf(name)
        if (record.process?.pid === own) watch.end ??= how
        // It was found dead, and perhaps started again, before the system said how it ended.
        else if (record.lastEnd === unseenEnd) records.set(name, { ...record, lastEnd: how })
        wake()
      },
    }
    begin(name, async () => {
      try {
        await member.start?.(listener)
      } catch (error) {
        if (own !== undefined) watch.end ??= messageOf(error)
        else records.set(name, died(recordOf(name), messageOf(error), clock.now()))
        throw error
      }
    })
  }

  function stop(name: string): void {
    const { process: target } = recordOf(name)
    const member = members.find((each) => each.name === name)
    begin(name, async () => {
      if (target !== null) await endProcess(target, member?.graceMs ?? retiredGraceMs)
      if (member === undefined) records.delete(name)
      else records.set(name, { ...recordOf(name), process: null, state: 'down', lastEnd: 'stopped to start anew' })
    })
  }

  report(`process ${process.pid} supervises ${folder.path}`)
  signal.addEventListener('abort', () => wake())
  while (!signal.aborted) {
    followPlan()
    look()
    const busy = new Set([...watches].filter(([, { busy }]) => busy !== undefined).map(([name]) => name))
    for (const { type, name } of actionsFor(members, Object.fromEntries(records), busy, clock.now())) {
      const member = members.find((each) => each.name === name)
      if (type === 'stop') stop(name)
      else if (member !== undefined) start(member)
    }
    note()
    const waking = new AbortController()
    wake = () => waking.abort()
    await clock.sleep(lookEveryMs, waking.signal)
  }
  report('stopping')
  await stopInOrder({ members, records, note })
  await Promise.all(tasks)
  note()
  report('stopped')
}

const retiredGraceMs = 20_000

/** Its first line: what may follow is the end of a log. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0] ?? ''
}
