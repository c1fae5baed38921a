import { describe, expect, it } from 'vitest'
import type { MemberRecord } from './cluster-folder.ts'
import type { Member } from './member.ts'
import { actionsFor, died, impatient, newRecord, seen, settledMs, waitAfter, type Records } from './reconcile.ts'

const now = 1_000_000
const running: MemberRecord = { ...newRecord, process: { pid: 7, identity: 'x' }, state: 'ready', startedAt: now }
const waiting: MemberRecord = { ...newRecord, state: 'waiting' }

function member(name: string, wave: number, fingerprint = ''): Member {
  return {
    name,
    kind: wave === 0 ? 'server' : 'role',
    endpoint: '',
    log: '',
    fingerprint,
    wave,
    graceMs: 0,
    answers: () => Promise.resolve(true),
    start: () => Promise.resolve(),
  }
}

const members = [member('kafka', 0), member('process', 1), member('gateway', 2)]

function actions(records: Records, busy: readonly string[] = []) {
  return actionsFor(members, records, new Set(busy), now).map(({ type, name }) => `${type} ${name}`)
}

describe('What is to be done', () => {
  it('is to start the lowest wave of a new cluster, and the next one once that is ready', () => {
    const kafkaIn = (state: MemberRecord['state']) => ({
      kafka: { ...running, state },
      process: waiting,
      gateway: waiting,
    })
    expect(actions({ kafka: waiting, process: waiting, gateway: waiting })).toEqual(['start kafka'])
    expect(actions(kafkaIn('starting'))).toEqual([])
    expect(actions(kafkaIn('ready'))).toEqual(['start process'])
    expect(actions({ ...kafkaIn('ready'), process: running })).toEqual(['start gateway'])
  })

  it('is to start what died at once, whatever else is down', () => {
    const dead = died(running, 'SIGKILL', now)
    expect(actions({ kafka: dead, process: dead, gateway: running })).toEqual(['start kafka', 'start process'])
  })

  it('is nothing where all is well, being done already, or put off', () => {
    const all = { kafka: running, process: running, gateway: running }
    expect(actions(all)).toEqual([])
    expect(actions({ ...all, process: died(running, '', now) }, ['process'])).toEqual([])
    expect(actions({ ...all, process: { ...died(running, '', now), retryAt: now + 1 } })).toEqual([])
  })

  it('is to stop what is not wanted, or wanted otherwise', () => {
    const all = { kafka: running, process: running, gateway: { ...running, fingerprint: 'two instances' } }
    expect(actions({ ...all, 'serve-2': running })).toEqual(['stop gateway', 'stop serve-2'])
  })

  it('leaves containers to their engine', () => {
    const contained = { ...member('kafka', 0), start: undefined }
    expect(actionsFor([contained], { kafka: waiting }, new Set(), now)).toEqual([])
  })
})

describe('A record', () => {
  it('goes from starting to ready, to failing, and back', () => {
    const states: string[] = []
    let record: MemberRecord = { ...running, state: 'starting' }
    for (const answers of [false, true, false, true]) {
      record = seen(record, { alive: true, answers }, now)
      states.push(record.state)
    }
    expect(states).toEqual(['starting', 'ready', 'failing', 'ready'])
  })

  it('of a process that ended says how, and when to start it again', () => {
    const end = { alive: false, answers: true, end: 'SIGKILL' }
    expect(seen(running, end, now + 1)).toMatchObject({
      process: null,
      state: 'down',
      lastEnd: 'SIGKILL',
      retryAt: now + 1,
    })
    expect(seen({ ...running, shortLives: 3 }, end, now + 1)).toMatchObject({ shortLives: 4, retryAt: now + 1 + 4_000 })
  })

  it('forgets short lives after a settled one', () => {
    const record = seen({ ...running, shortLives: 5 }, { alive: false, answers: false }, now + settledMs)
    expect(record).toMatchObject({ shortLives: 0, retryAt: now + settledMs, lastEnd: 'ended unseen' })
    const settled = (answers: boolean) => seen({ ...running, shortLives: 5 }, { alive: true, answers }, now + settledMs)
    expect([settled(true).shortLives, settled(false).shortLives]).toEqual([0, 5])
  })

  it('that was put off is tried at once when asked', () => {
    expect(impatient({ ...died(running, '', now), shortLives: 6, retryAt: now + 4_000 })).toMatchObject({ retryAt: 0 })
  })
})

it('The second and third start come at once, further ones at doubling distances up to 4 s', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 60].map(waitAfter)).toEqual([0, 0, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000])
})
