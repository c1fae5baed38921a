import { expect, it } from 'vitest'
import { sharedCall } from './shared-call.ts'

it('Those who ask while a call runs share the next one', async () => {
  const calls: PromiseWithResolvers<string>[] = []
  const ask = sharedCall(async () => {
    const call = Promise.withResolvers<string>()
    calls.push(call)
    return await call.promise
  })
  const [first, together] = [ask(), ask()]
  await Promise.resolve()
  expect(calls).toHaveLength(1)
  const later = [ask(), ask()]
  calls[0]!.resolve('old')
  expect(await Promise.all([first, together])).toEqual(['old', 'old'])
  await Promise.resolve()
  expect(calls).toHaveLength(2)
  calls[1]!.resolve('new')
  expect(await Promise.all(later)).toEqual(['new', 'new'])
})

it('A call that fails does so for those who shared it only', async () => {
  let calls = 0
  const ask = sharedCall(async () => {
    calls += 1
    if (calls === 1) throw new Error('once')
    return calls
  })
  await expect(ask()).rejects.toThrow('once')
  expect(await ask()).toBe(2)
})
