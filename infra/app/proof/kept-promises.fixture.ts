import { audit } from '#stream-processors/audit.ts'
import { loadConfig } from '../config.ts'
import { withStillParts } from '../cli/folded-parts.ts'
import type { Parts } from '../parts.ts'
import type { Ledger } from './clients.fixture.ts'
import { differingRows, foldFromZero, storedRows } from './fold-from-zero.fixture.ts'
import { eventKey } from './traffic.fixture.ts'

/** Folds the rest of a folder that nobody serves and holds it against what was promised; returns what was broken. */
export function brokenPromises(dataDir: string, ledger: Ledger): Promise<string[]> {
  return withStillParts(loadConfig({ env: {}, flags: { dataDir } }), async (parts) => {
    const { differing, ...counts } = await audit(parts)
    const counted = new Map<string, number>()
    const carried = new Set<string>()
    const straight = await foldFromZero({
      ...parts,
      note(event, outcome) {
        if (outcome.type === 'counted') increase(counted, eventKey(event.userId, event.id))
        if (outcome.type === 'adopted' && event.type === 'adopt') {
          for (const { id } of event.history) carried.add(eventKey(event.userId, id))
        }
      },
    })
    return [
      ...(counts.balanced && counts.pending === 0 ? [] : [`not balanced: ${JSON.stringify(counts)}`]),
      ...differing.map((userId) => `audited otherwise: ${userId}`),
      ...differingRows(await storedRows(parts.store), straight).map((name) => `not as folded from zero: ${name}`),
      ...[...counted].filter(([, times]) => times > 1).map(([key, times]) => `counted ${times} times: ${key}`),
      ...[...ledger.events].filter((key) => !counted.has(key) && !carried.has(key)).map((key) => `lost: ${key}`),
      ...(await lostOthers(parts, ledger)),
    ]
  })
}

async function lostOthers({ log, codec, features }: Parts, ledger: Ledger): Promise<string[]> {
  const lost: string[] = []
  for (const { userId, type, at } of ledger.placed) {
    const found: string[] = []
    for (const from of at) {
      for await (const records of log.read('interactions', from, { maxRecords: 1 })) {
        const event = codec.decodeEvent('interactions', records[0]!.value)
        found.push(`${event.type} ${event.userId}`)
        break
      }
    }
    if (!found.includes(`${type} ${userId}`)) lost.push(`${type} of ${userId}`)
  }
  for (const [itemId, title] of ledger.titles) {
    const entry = await features.catalogueEntry(itemId)
    if ((entry?.item.title ?? null) !== title) lost.push(`item ${itemId} has not its last title`)
  }
  return lost
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
