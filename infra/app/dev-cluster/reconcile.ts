import type { MemberRecord } from './cluster-folder.ts'
import type { Member } from './member.ts'

/** Of one look at a member. */
export interface Sighting {
  /** Its process runs. For a container: it answers. */
  readonly alive: boolean
  readonly answers: boolean
  /** How it ended, where that is known. */
  readonly end?: string | undefined
}

export type Action =
  | { readonly type: 'start'; readonly name: string }
  /** It is not wanted any more, or not as it was started. */
  | { readonly type: 'stop'; readonly name: string }

/** A process that has lived as long has not died of its start. */
export const settledMs = 10_000

const longestWaitMs = 4_000

/** Of a process that an earlier supervisor started, or whose end was not told yet. */
export const unseenEnd = 'ended unseen'

export const newRecord: MemberRecord = {
  process: null,
  fingerprint: '',
  state: 'stopped',
  startedAt: 0,
  restarts: 0,
  shortLives: 0,
  retryAt: 0,
  lastEnd: '',
}

/** The record after a look. */
export function seen(record: MemberRecord, { alive, answers, end }: Sighting, now: number): MemberRecord {
  if (alive) {
    const wasReady = record.state === 'ready' || record.state === 'failing'
    const shortLives = answers && now - record.startedAt >= settledMs ? 0 : record.shortLives
    return { ...record, shortLives, state: answers ? 'ready' : wasReady ? 'failing' : 'starting' }
  }
  if (record.process !== null) return died(record, end ?? unseenEnd, now)
  return record.state === 'stopped' ? { ...record, state: 'waiting' } : record
}

/** A death after a settled life, and the first one soon after a start, are followed by a start at once. */
export function died(record: MemberRecord, end: string, now: number): MemberRecord {
  const shortLives = now - record.startedAt >= settledMs ? 0 : record.shortLives + 1
  const retryAt = now + waitAfter(shortLives)
  return { ...record, process: null, state: 'down', shortLives, retryAt, lastEnd: end }
}

/** 0, 0, 1, 2 and then always 4 s, by deaths in a row that came soon after a start. */
export function waitAfter(shortLives: number): number {
  return shortLives < 2 ? 0 : Math.min(longestWaitMs, 1_000 * 2 ** (shortLives - 2))
}

/** What has been put off is tried at once. */
export function impatient(record: MemberRecord): MemberRecord {
  return { ...record, shortLives: 0, retryAt: 0 }
}

/** A member that is to start for the first time waits until every member of a lower wave is ready. */
export function mayStart(member: Member, members: readonly Member[], records: Records): boolean {
  const { state } = records[member.name] ?? newRecord
  if (state === 'down') return true
  return members.every(({ name, wave }) => wave >= member.wave || records[name]?.state === 'ready')
}

export type Records = Readonly<Record<string, MemberRecord>>

/** What is to be done now. Members that are being started or stopped (`busy`) are left alone. */
export function actionsFor(
  members: readonly Member[],
  records: Records,
  busy: ReadonlySet<string>,
  now: number,
): Action[] {
  const wanted = new Map(members.map((member) => [member.name, member]))
  const names = new Set([...Object.keys(records), ...wanted.keys()])
  return [...names]
    .filter((name) => !busy.has(name))
    .flatMap((name): Action[] => {
      const member = wanted.get(name)
      const record = records[name] ?? newRecord
      if (record.process !== null) {
        const asWanted = member !== undefined && member.fingerprint === record.fingerprint
        return asWanted ? [] : [{ type: 'stop', name }]
      }
      if (member?.start === undefined || now < record.retryAt) return []
      return mayStart(member, members, records) ? [{ type: 'start', name }] : []
    })
}
