import type { StateStore } from '#schemas/ports/state-store.ts'

/** A part of a store as if it were whole: keys and checkpoints with a prefix. Its scan is that of the whole store. */
export function prefixedStore(store: StateStore, prefix: string): StateStore {
  const inside = <Key extends { readonly key: string }>(keys: readonly Key[]) =>
    keys.map((key) => ({ ...key, key: prefix + key.key }))
  return {
    read: (keys) => store.read(inside(keys)),
    async readParts(table, key) {
      return (await store.readParts(table, prefix + key)).map((row) => ({ ...row, key }))
    },
    write: (rows) => store.write(inside(rows)),
    scan: (table, options) => store.scan(table, options),
    checkpoint: (task, partition) => store.checkpoint(prefix + task, partition),
    saveCheckpoint: (task, position) => store.saveCheckpoint(prefix + task, position),
    close: () => Promise.resolve(),
  }
}
