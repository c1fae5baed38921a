import { unsaid, type Interaction } from '#schemas/events/interactions.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { loadConfig } from '../../app/config.ts'
import { openEmbedded } from '../../app/embedded.ts'

export interface GeneratedLog {
  readonly dataDir: string
  readonly seed: number
  /** Events are numbered from 0: those that are missing up to here are appended. */
  readonly to: number
}

const [users, items] = [138_000, 27_000]
const since = Date.UTC(2026, 0)
const atOnce = 10_000

/**
 * Appends likes of 138,000 users on 27,000 items to the log of a data folder, without folding them: of a user's as of an
 * item's number the density falls with a power, so a few have most.
 */
export async function appendGenerated({ dataDir, seed, to }: GeneratedLog): Promise<void> {
  const parts = await openEmbedded(loadConfig({ env: {}, flags: { dataDir } }))
  const { log, codec } = parts
  try {
    const bounds = await log.bounds('interactions')
    const from = bounds.reduce((sum, { end }) => sum + end, 0)
    for (let first = from; first < to; first += atOnce) {
      const random = seededRandom(seed + first)
      const events = Array.from({ length: Math.min(atOnce, to - first) }, (_, i) => likeOf(first + i, random))
      await log.append(
        'interactions',
        events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) })),
      )
    }
  } finally {
    await parts.close()
  }
}

function likeOf(n: number, random: () => number): Interaction {
  const at = since + n * 10
  return {
    ...unsaid,
    type: 'interaction',
    id: `e${n}`,
    userId: `user-${Math.floor(users * random() ** 1.5)}`,
    itemId: `item-${Math.floor(items * random() ** 2)}`,
    action: 'like',
    occurredAt: at,
    acceptedAt: at,
  }
}
