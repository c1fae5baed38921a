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
