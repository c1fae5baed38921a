import { describe, expect, it } from 'vitest'
import { circuit } from './circuit.ts'

function rested() {
  const clock = { now: 0 }
  return { clock, subject: circuit({ patience: 3, restMs: 1_000, now: () => clock.now }) }
}

function failing(subject: ReturnType<typeof circuit>, times: number): void {
  for (let i = 0; i < times; i++) {
    expect(subject.admits()).toBe(true)
    subject.unanswered()
  }
}

describe('A circuit', () => {
  it('rests after as many unanswered calls in a row as it has patience for', () => {
    const { clock, subject } = rested()
    failing(subject, 3)
    expect(subject.admits()).toBe(false)
    clock.now = 999
    expect(subject.admits()).toBe(false)
  })

  it('does not rest while some calls are answered', () => {
    const { subject } = rested()
    failing(subject, 2)
    subject.answered()
    failing(subject, 2)
    expect(subject.admits()).toBe(true)
  })

  it('lets one call probe after a rest, and all once that was answered', () => {
    const { clock, subject } = rested()
    failing(subject, 3)
    clock.now = 1_000
    expect([subject.admits(), subject.admits()]).toEqual([true, false])
    subject.answered()
    expect([subject.admits(), subject.admits()]).toEqual([true, true])
  })

  it('rests again after a probe that was not answered', () => {
    const { clock, subject } = rested()
    failing(subject, 3)
    clock.now = 1_000
    failing(subject, 1)
    clock.now = 1_999
    expect(subject.admits()).toBe(false)
    clock.now = 2_000
    expect(subject.admits()).toBe(true)
  })
})
