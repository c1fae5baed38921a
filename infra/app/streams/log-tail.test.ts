import { expect, it } from 'vitest'
import { MillraceError } from '#schemas/errors.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { tailContract } from '#schemas/ports/tail.contract.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import { streamWorld } from './stream-world.fixture.ts'

tailContract('The tail of a log', async () => {
  const { log, codec, clock } = streamWorld()
  return {
    tail: logTail({ log, codec, clock }),
    async append(...ids) {
      const valueOf = (id: string) =>
        id === '?' ? Uint8Array.of(9) : codec.encodeEvent('interactions', interaction({ id }))
      await log.append(
        'interactions',
        ids.map((id) => ({ key: 'ann', value: valueOf(id) })),
      )
    },
    dispose: () => log.close(),
  }
})

it('A tail takes partitions over while the log cannot be asked where they end, unless that cannot pass', async () => {
  const { log, codec, clock } = streamWorld()
  const failures = [true, true, false].map((retriable) => new MillraceError('store-failed', 'down', { retriable }))
  let isDown = false
  const told: unknown[] = []
  const broken: typeof log = {
    ...log,
    async bounds(topic) {
      const failure = isDown ? failures.shift() : undefined
      if (failure !== undefined) throw failure
      return log.bounds(topic)
    },
  }
  const [, , final] = failures
  const value = codec.encodeEvent('interactions', interaction({ id: 'a' }))
  await log.append('interactions', [{ key: 'ann', value }])
  const seen: string[] = []
  const tailing = await logTail({ log: broken, codec, clock, onRestart: (...args) => told.push(args[2]) }).follow({
    name: 'test',
    topic: 'interactions',
    from: 'start',
    partitions: [],
    apply: (records) => void seen.push(...records.map(({ event }) => event.id)),
    onUnreadable: (_, error) => told.push(error),
  })
  isDown = true
  await expect(tailing.own([0])).rejects.toBe(final)
  expect(told).toHaveLength(2)
  await tailing.own(Array.from({ length: log.partitions('interactions') }, (_, partition) => partition))
  await tailing.caughtUp()
  expect(seen).toEqual(['a'])
  await tailing.stop()
  await log.close()
})
