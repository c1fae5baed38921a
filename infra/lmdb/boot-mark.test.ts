import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { markBoot } from './boot-mark.ts'

describe('A folder that is written without syncs', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-boot-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const row = () => join(folder, 'data.mdb')
  const isKept = () => existsSync(row())

  it('is kept when the process died and the machine did not', () => {
    markBoot(folder, 'boot 1')
    writeFileSync(row(), 'rows')
    markBoot(folder, 'boot 1')
    expect(isKept()).toBe(true)
  })

  it('is emptied when the machine started again before it was settled', () => {
    markBoot(folder, 'boot 1')
    writeFileSync(row(), 'rows')
    markBoot(folder, 'boot 2')
    expect(isKept()).toBe(false)
    writeFileSync(row(), 'rows')
    markBoot(folder, 'boot 2')
    expect(isKept()).toBe(true)
  })

  it('is kept when it was settled, whatever the machine did', () => {
    const mark = markBoot(folder, 'boot 1')
    writeFileSync(row(), 'rows')
    mark.settle()
    markBoot(folder, 'boot 2')
    expect(isKept()).toBe(true)
  })

  it('is kept when an older release wrote it, which synced', () => {
    writeFileSync(row(), 'rows')
    markBoot(folder, 'boot 1')
    expect(isKept()).toBe(true)
  })
})
