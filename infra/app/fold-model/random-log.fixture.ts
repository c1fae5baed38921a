import { blankInteraction } from '#schemas/events/blank.fixture.ts'
import type { AdoptedInteraction, InteractionsEvent } from '#schemas/events/interactions.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import { dayMs } from '#schemas/settings.ts'

/** What a logical event is: retries of one client call are one, whatever their positions. */
export interface Logical {
  readonly key: string
  readonly userId: string
  readonly imported: boolean
  readonly type: InteractionsEvent['type']
  readonly acceptedAt: number[]
  readonly offsets: number[]
}

export interface RandomLogOptions {
  readonly random: () => number
  readonly log: EventLog
  readonly codec: Codec
  readonly users: number
  readonly items: number
  /** Choices made; each appends one event or several. */
  readonly size: number
}

interface ImportFile {
  readonly source: string
  readonly lines: readonly { readonly userId: string; readonly itemId: string; readonly action: string }[]
  readonly broken: number
}

/**
 * Fills the topic `interactions` with what a bad day brings: bursts of one user, client retries under skewed clocks,
 * files imported in part and again, mended lines, erasures, adoptions old and new.
 */
export async function randomLog(options: RandomLogOptions): Promise<ReadonlyMap<string, Logical>> {
  const { random, log, codec } = options
  const below = (n: number) => Math.floor(random() * n)
  const pick = <T>(list: readonly T[]): T | undefined => list[below(list.length)]
  const user = () => `u${below(options.users)}`
  const item = () => `i${below(options.items)}`
  const action = () => pick(['view', 'view', 'like', 'dislike']) ?? 'view'
  const skew = () => (below(2) === 0 ? 0 : below(dayMs / 2) - dayMs / 4)
  const logical = new Map<string, Logical>()
  const sent: InteractionsEvent[] = []
  const carried = new Map<string, AdoptedInteraction[]>()
  const ends = new Map<string, number>()
  const files: ImportFile[] = []
  let now = 20 * dayMs
  let made = 0

  async function put(event: InteractionsEvent): Promise<void> {
    const [at] = await log.append('interactions', [
      { key: event.userId, value: codec.encodeEvent('interactions', event) },
    ])
    const offset = at?.offset ?? -1
    ends.set(event.userId, offset)
    const imported = event.type === 'interaction' && event.source !== null
    const key = `${event.userId} ${event.id}`
    const known = logical.get(key) ?? {
      key,
      userId: event.userId,
      imported,
      type: event.type,
      acceptedAt: [],
      offsets: [],
    }
    known.acceptedAt.push(event.acceptedAt)
    known.offsets.push(offset)
    logical.set(key, known)
    if (event.type !== 'interaction' || imported) return
    const history = carried.get(event.userId) ?? []
    const { id, itemId, value, occurredAt, acceptedAt } = event
    history.push({ id, itemId, action: event.action, value, occurredAt, acceptedAt, guestOffset: offset })
    carried.set(event.userId, history)
  }

  const interaction = (userId: string, extra: Partial<Extract<InteractionsEvent, { type: 'interaction' }>>) => ({
    ...blankInteraction,
    id: `e${made++}`,
    userId,
    itemId: item(),
    action: action(),
    occurredAt: now - below(3 * dayMs),
    acceptedAt: now + skew(),
    ...extra,
  })

  async function importSome(): Promise<void> {
    let file = pick(files)
    if (file === undefined || random() < 0.4) {
      const lines = Array.from({ length: 1 + below(6) }, () => ({ userId: user(), itemId: item(), action: action() }))
      file = { source: `f${files.length}`, lines, broken: random() < 0.3 ? below(lines.length) : -1 }
      files.push(file)
    }
    const line = (sequence: number, mended: boolean) => {
      const { userId, ...what } = file.lines[sequence]!
      return interaction(userId, { ...what, id: `${file.source}:${sequence}`, source: file.source, sequence, mended })
    }
    const stop = random() < 0.3 ? below(file.lines.length) : file.lines.length
    for (let s = 0; s < stop; s++) if (s !== file.broken) await put(line(s, false))
    if (file.broken >= 0 && random() < 0.6) await put(line(file.broken, true))
  }

  for (let i = 0; i < options.size; i++) {
    now += random() < 0.1 ? below(3 * dayMs) : below(dayMs / 4)
    const chance = random()
    const userId = user()
    const again = pick(sent)
    if (chance < 0.5 || again === undefined) {
      const burst = random() < 0.1 ? 8 + below(8) : 1
      for (let j = 0; j < burst; j++) {
        const event = interaction(userId, {})
        sent.push(event)
        await put(event)
      }
    } else if (chance < 0.68) {
      await put({ ...again, acceptedAt: Math.max(now, again.acceptedAt) + skew() })
    } else if (chance < 0.78) {
      await importSome()
    } else if (chance < 0.87) {
      const event = { type: 'erase' as const, id: `x${made++}`, userId, occurredAt: now, acceptedAt: now + skew() }
      sent.push(event)
      await put(event)
    } else {
      const guestId = user()
      const history = carried.get(guestId)
      if (history === undefined || guestId === userId) continue
      const latest = ends.get(userId) ?? -1
      const basedOn = random() < 0.8 ? latest : below(latest + 2) - 1
      const id = `a${made++}`
      const event = {
        type: 'adopt' as const,
        id,
        userId,
        guestId,
        basedOn,
        history: [...history],
        occurredAt: now,
        acceptedAt: now + skew(),
      }
      sent.push(event)
      await put(event)
    }
  }
  return logical
}
