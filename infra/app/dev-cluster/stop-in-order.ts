import type { MemberRecord } from './cluster-folder.ts'
import { endProcess } from './end-process.ts'
import type { Member } from './member.ts'

export interface StopOptions {
  /** Those of the plan; what is recorded beside them is stopped first. */
  readonly members: readonly Member[]
  /** Every process in them is ended, and they say so afterwards. */
  readonly records: Map<string, MemberRecord>
  /** Called after each wave. */
  readonly note: () => void
}

const unknownGraceMs = 20_000

/** Stops every process, those that others stand on last. Those of one wave are stopped together. */
export async function stopInOrder({ members, records, note }: StopOptions): Promise<void> {
  const known = new Map(members.map((member) => [member.name, member]))
  const waveOf = (name: string) => known.get(name)?.wave ?? Number.POSITIVE_INFINITY
  const waves = [...new Set([...records.keys()].map(waveOf))].sort((a, b) => b - a)
  for (const wave of waves) {
    const names = [...records.keys()].filter((name) => waveOf(name) === wave)
    await Promise.all(
      names.map(async (name) => {
        const record = records.get(name)
        if (record === undefined) return
        if (record.process !== null) await endProcess(record.process, known.get(name)?.graceMs ?? unknownGraceMs)
        records.set(name, { ...record, process: null, state: 'stopped', shortLives: 0, retryAt: 0 })
      }),
    )
    note()
  }
}
