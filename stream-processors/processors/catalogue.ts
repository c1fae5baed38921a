import type { EventOf } from '#schemas/events/by-topic.ts'
import { foldItem, foldProfile } from '#schemas/fold/catalogue.ts'
import type { RowProcessor } from '../runtime/processor.ts'

/** items → catalogue rows. */
export function itemsProcessor(): RowProcessor<'items'> {
  return {
    name: 'items',
    topic: 'items',
    does: 'keeps the last upsert of each item, or its deletion',
    steps: [
      {
        tables: ['catalogue'],
        announces: { topic: 'item-notices', table: 'catalogue', row: 'catalogue' },
        keys: (events) => events.map(({ event }) => ({ table: 'catalogue', key: event.itemId, part: 0 })),
      },
    ],
    keyOf: ({ itemId }) => itemId,
    check: (event: EventOf['items']) => (event.itemId === '' ? 'itemId must not be empty' : undefined),
    fold: foldItem,
  }
}

/** profiles → profile rows. */
export function profilesProcessor(): RowProcessor<'profiles'> {
  return {
    name: 'profiles',
    topic: 'profiles',
    does: 'keeps the last upsert of each profile, or its deletion',
    steps: [
      {
        tables: ['profiles'],
        announces: { topic: 'user-notices', table: 'profiles', row: 'profile' },
        keys: (events) => events.map(({ event }) => ({ table: 'profiles', key: event.userId, part: 0 })),
      },
    ],
    keyOf: ({ userId }) => userId,
    check: (event: EventOf['profiles']) => (event.userId === '' ? 'userId must not be empty' : undefined),
    fold: foldProfile,
  }
}
