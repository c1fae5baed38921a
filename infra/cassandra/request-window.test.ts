import { describe, expect, it } from 'vitest'
import { requestWindow } from './request-window.ts'

/** Requests that settle when the test says so. */
function requests() {
  const begun: string[] = []
  const open = new Map<string, PromiseWithResolvers<void>>()
  return {
    begun,
    starter: (name: string) => (index: number) => {
      const request = Promise.withResolvers<void>()
      begun.push(`${name}${index}`)
      open.set(`${name}${index}`, request)
      return request.promise
    },
    settle: async (name: string, error?: Error) => {
      const request = open.get(name)
      if (error === undefined) request?.resolve()
      else request?.reject(error)
      await new Promise(setImmediate)
    },
  }
}

describe('A request window', () => {
  it('has no more under way than its width, and callers take turns', async () => {
    const { begun, starter, settle } = requests()
    const inUse: number[] = []
    const window = requestWindow(2, (count) => inUse.push(count))
    const a = window.all(4, starter('a'))
    const b = window.all(1, starter('b'))
    expect(begun).toEqual(['a0', 'a1'])
    await settle('a1')
    expect(begun).toEqual(['a0', 'a1', 'a2'])
    await settle('a0')
    expect(begun).toEqual(['a0', 'a1', 'a2', 'b0'])
    await settle('b0')
    await b
    await settle('a2')
    await settle('a3')
    await a
    expect(Math.max(...inUse)).toBe(2)
    expect(inUse.at(-1)).toBe(0)
  })

  it('starts nothing more of a call that failed, and rejects when what was under way has settled', async () => {
    const { begun, starter, settle } = requests()
    const window = requestWindow(2)
    let outcome = 'pending'
    window.all(5, starter('a')).then(
      () => (outcome = 'resolved'),
      (error: unknown) => (outcome = String(error)),
    )
    await settle('a0', new Error('lost'))
    expect([begun, outcome]).toEqual([['a0', 'a1'], 'pending'])
    await settle('a1')
    expect(outcome).toBe('Error: lost')
    const next = window.all(1, starter('b'))
    await settle('b0')
    await next
  })

  it('resolves at once when there is nothing to do', async () => {
    await expect(requestWindow(1).all(0, () => Promise.reject(new Error('called')))).resolves.toBeUndefined()
  })
})
