import { expect, it } from 'vitest'
import { wakeUps } from './wake-ups.ts'

it('wakes everyone who waits, and nobody who comes later', async () => {
  const ups = wakeUps()
  const waiting = [ups.wait(), ups.wait(new AbortController().signal)]
  ups.wake()
  await Promise.all(waiting)
  const later = await Promise.race([ups.wait().then(() => 'woken'), Promise.resolve('asleep')])
  expect(later).toBe('asleep')
})

it('does not wait under a signal that aborts or has aborted', async () => {
  const ups = wakeUps()
  const stop = new AbortController()
  const waiting = ups.wait(stop.signal)
  stop.abort()
  expect(await Promise.all([waiting, ups.wait(stop.signal)])).toHaveLength(2)
})
