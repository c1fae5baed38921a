import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Member, Membership } from './membership.ts'

export interface MembershipSubject {
  readonly partitions: number
  readonly membership: Membership
}

export interface SharedMembershipSubject extends MembershipSubject {
  /** The membership of another process. `kill` cuts it off without a word to the group. */
  other(): Promise<{ readonly membership: Membership; readonly kill: () => void }>
}

/** What holds of every membership, shared or not. */
export function membershipContract(name: string, open: () => Promise<MembershipSubject>): void {
  describe(`Membership: ${name}`, () => {
    it('gives all partitions to its only member', async () => {
      const { membership, partitions } = await open()
      const one = join(membership, 'group')
      await one.member.joined
      expect(one.shares).toEqual([range(partitions)])
    })

    it('takes the share away when the member leaves, and ends', async () => {
      const { membership } = await open()
      const one = join(membership, 'group')
      await one.member.joined
      await one.member.leave()
      await one.member.ended
      expect(one.shares.at(-1)).toEqual([])
    })

    it('tells one change at a time', async () => {
      const { membership } = await open()
      const started = Promise.withResolvers<void>()
      const gate = Promise.withResolvers<void>()
      let running = 0
      let calls = 0
      const member = membership.join({
        group: 'group',
        async onShare() {
          calls++
          running++
          expect(running).toBe(1)
          started.resolve()
          await gate.promise
          running--
        },
      })
      await started.promise
      const left = member.leave()
      gate.resolve()
      await left
      expect(calls).toBe(2)
    })

    it('ends with the failure of whoever was told', async () => {
      const { membership } = await open()
      const failure = new Error('cannot take it')
      const member = membership.join({ group: 'group', onShare: () => Promise.reject(failure) })
      await expect(member.joined).rejects.toBe(failure)
      await expect(member.ended).rejects.toBe(failure)
    })

    it('keeps groups apart', async () => {
      const { membership, partitions } = await open()
      const one = join(membership, 'one')
      const other = join(membership, 'other')
      await Promise.all([one.member.joined, other.member.joined])
      expect(one.shares.at(-1)).toEqual(range(partitions))
      expect(other.shares.at(-1)).toEqual(range(partitions))
    })
  })
}

/** What holds where several processes share. */
export function sharedMembershipContract(name: string, open: () => Promise<SharedMembershipSubject>): void {
  membershipContract(name, open)

  describe(`Membership among several: ${name}`, () => {
    it('splits the partitions evenly, each to one member', async () => {
      const subject = await open()
      const one = join(subject.membership, 'group')
      await one.member.joined
      const two = join((await subject.other()).membership, 'group')
      await two.member.joined
      await settled(subject.partitions, one, two)
      expect(two.shares.at(-1)).not.toEqual([])
    })

    it('leaves a member what it had, but for what a newcomer gets', async () => {
      const subject = await open()
      const one = join(subject.membership, 'group')
      await one.member.joined
      const two = join((await subject.other()).membership, 'group')
      await settled(subject.partitions, one, two)
      expect(one.shares).toHaveLength(2)
    })

    it('gives the share of a member that leaves to the rest', async () => {
      const subject = await open()
      const one = join(subject.membership, 'group')
      const two = join((await subject.other()).membership, 'group')
      await settled(subject.partitions, one, two)
      await one.member.leave()
      await settled(subject.partitions, two)
      expect(two.shares.at(-1)).toEqual(range(subject.partitions))
    })

    it('settles when several join and leave at once', async () => {
      const subject = await open()
      const others = await Promise.all([subject.other(), subject.other(), subject.other()])
      const members = [subject, ...others].map(({ membership }) => join(membership, 'group'))
      await settled(subject.partitions, ...members)
      const [one, two, ...rest] = members
      await Promise.all([one?.member.leave(), two?.member.leave()])
      const newcomer = join(subject.membership, 'group')
      await settled(subject.partitions, newcomer, ...rest)
      expect(newcomer.shares.at(-1)).not.toEqual([])
    })

    it('gives the share of a member that dies to the rest, and the dead one learns that it has none', async () => {
      const subject = await open()
      const one = join(subject.membership, 'group')
      const other = await subject.other()
      const two = join(other.membership, 'group')
      await settled(subject.partitions, one, two)
      other.kill()
      await settled(subject.partitions, one)
      await vi.waitFor(() => expect(two.shares.at(-1)).toEqual([]), patience)
    })
  })
}

const patience = { timeout: 60_000, interval: 20 }

interface Joined {
  readonly member: Member
  readonly shares: (readonly number[])[]
}

function join(membership: Membership, group: string): Joined {
  const shares: (readonly number[])[] = []
  const member = membership.join({ group, onShare: async (share) => void shares.push(share) })
  onTestFinished(() => member.leave())
  return { member, shares }
}

/** Waits until these members have all partitions between them, each one owner, in even shares. */
async function settled(partitions: number, ...members: readonly Joined[]): Promise<void> {
  await vi.waitFor(() => {
    const shares = members.map(({ shares: told }) => told.at(-1) ?? [])
    expect(shares.flat().toSorted((a, b) => a - b)).toEqual(range(partitions))
    for (const share of shares) expect(Math.abs(share.length - partitions / members.length)).toBeLessThan(1)
  }, patience)
}

function range(partitions: number): readonly number[] {
  return Array.from({ length: partitions }, (_, partition) => partition)
}
