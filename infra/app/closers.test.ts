import { describe, expect, it } from 'vitest'
import { closers } from './closers.ts'

describe('Closers', () => {
  it('close what was opened last first, once, whatever fails on the way', async () => {
    const closed: string[] = []
    const all = closers()
    all.add(async () => void closed.push('log'))
    all.add(async () => {
      throw new Error('stuck')
    })
    all.add(async () => void closed.push('server'))
    await expect(all.close()).rejects.toThrow('stuck')
    await expect(all.close()).rejects.toThrow('stuck')
    expect(closed).toEqual(['server', 'log'])
  })
})
