import type { RunTrainingOptions } from '#batch/job.ts'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import { unsaid, type InteractionsEvent } from '#schemas/events/interactions.ts'
import { defaultTrainingSettings } from '#schemas/models/training-settings.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { avroCodec } from '#infra/avro/codec.ts'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { memoryBlobStore } from '#infra/memory/blob-store.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { manualClock } from '#infra/memory/manual-clock.ts'
import { memoryModelRegistry } from '#infra/memory/model-registry.ts'

/** Everything a training needs, in memory; the catalogue holds the items given. */
export function trainingWorld(catalogue: Readonly<Record<string, Partial<Item>>> = {}) {
  const log = memoryEventLog({ partitions: 3 })
  const codec = avroCodec()
  const clock = manualClock(1_000_000)
  const entries = Object.entries(catalogue).map(([itemId, given]) => ({
    itemId,
    item: { ...blankItem, ...given },
    firstSeenAt: 0,
    updatedAt: 0,
  }))
  const options = {
    log,
    codec,
    clock,
    registry: memoryModelRegistry(),
    blobs: memoryBlobStore(),
    solver: typescriptSolver(),
    features: {
      async *catalogue() {
        yield entries
      },
    },
    foldSettings: defaultFoldSettings,
    settings: { ...defaultTrainingSettings, factors: 8, iterations: 6 },
    owner: 'test',
    publish: true,
  } satisfies Omit<RunTrainingOptions, 'run'>

  async function append(events: readonly InteractionsEvent[]): Promise<void> {
    await log.append(
      'interactions',
      events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) })),
    )
  }

  return { log, codec, clock, options, append }
}

/** One event of a user on an item, at a time; its id is made of all three. */
export function interaction(userId: string, itemId: string, time: number, action = 'like'): InteractionsEvent {
  return {
    ...unsaid,
    type: 'interaction',
    id: `${userId} ${itemId} ${time} ${action}`,
    userId,
    itemId,
    action,
    occurredAt: time,
    acceptedAt: time,
  }
}

/** Users like the items of their own parity, each but one of them: what is missing is what they will like next. */
export function checkerboard(users: number, items: number): InteractionsEvent[] {
  const events: InteractionsEvent[] = []
  for (let user = 0; user < users; user++) {
    for (let item = user % 2; item < items; item += 2) {
      if (item !== missingItem(user, items)) events.push(interaction(`u${user}`, `i${item}`, events.length + 1))
    }
  }
  return events
}

/** The same as lines of JSON for an import, in an order of time that differs from user to user. */
export function checkerboardLines(users: number, items: number): string {
  const likes = checkerboard(users, items).flatMap((event) => ('itemId' in event ? [event] : []))
  const lines = likes.map(({ userId, itemId }, n) =>
    JSON.stringify({ userId, itemId, occurredAt: 1_600_000_000_000 + ((n * 7_919) % 400) * 1_000 }),
  )
  return `${lines.join('\n')}\n`
}

export function missingItem(user: number, items: number): number {
  return (user % 2) + 2 * (Math.floor(user / 2) % Math.floor(items / 2))
}
