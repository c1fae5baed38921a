import type { RowWrite, StateStore } from '#schemas/ports/state-store.ts'
import type { Sabotage } from './world.fixture.ts'

/** Rules of the protocol taken out, one each: the model test must notice every one of them. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'heads are written before what they prove': { store: headsFirst },
  'rows are announced before they are durable': { store: writesUnawaited },
  'chunks are written after heads': { store: (store) => delayed(store, 'user-chunks') },
  'ids are written after heads': { store: (store) => delayed(store, 'user-ids') },
}

function headsFirst(store: StateStore): StateStore {
  return delayed(store, 'item-statistics', 'user-ids', 'user-chunks')
}

/** Holds the writes of some tables back until a head has been written. */
function delayed(store: StateStore, ...tables: readonly string[]): StateStore {
  let held: RowWrite[] = []
  return {
    ...store,
    async write(rows) {
      const later = rows.filter((row) => tables.includes(row.table))
      held = [...held, ...later]
      const now = rows.filter((row) => !tables.includes(row.table))
      if (now.length > 0) await store.write(now)
      if (!now.some((row) => row.table === 'user-heads')) return
      const due = held
      held = []
      if (due.length > 0) await store.write(due)
    },
  }
}

function writesUnawaited(store: StateStore): StateStore {
  return {
    ...store,
    async write(rows) {
      store.write(rows).catch(() => 'nobody hears of it')
    },
  }
}
