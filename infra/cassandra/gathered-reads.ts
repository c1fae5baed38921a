import type { StoredRow } from '#schemas/ports/state-store.ts'

export interface GatheredReadsOptions {
  /** Splits keys into requests. */
  readonly split: (keys: readonly string[]) => readonly (readonly string[])[]
  /** All rows of these keys, those of one key in their order. */
  readonly read: (keys: readonly string[]) => Promise<readonly StoredRow[]>
}

/** Reads the rows of a key. Keys that are asked for in one turn share requests: each request costs more than the rows of a key. */
export function gatheredReads({ split, read }: GatheredReadsOptions): (key: string) => Promise<readonly StoredRow[]> {
  let waiting = new Map<string, PromiseWithResolvers<readonly StoredRow[]>>()

  async function answer(keys: readonly string[], asked: typeof waiting): Promise<void> {
    try {
      const rows = Map.groupBy(await read(keys), ({ key }) => key)
      for (const key of keys) asked.get(key)?.resolve(rows.get(key) ?? [])
    } catch (error) {
      for (const key of keys) asked.get(key)?.reject(error)
    }
  }

  function ask(): void {
    const asked = waiting
    waiting = new Map()
    for (const keys of split([...asked.keys()])) void answer(keys, asked)
  }

  return (key) => {
    if (waiting.size === 0) queueMicrotask(ask)
    const known = waiting.get(key)
    if (known !== undefined) return known.promise
    const answered = Promise.withResolvers<readonly StoredRow[]>()
    waiting.set(key, answered)
    return answered.promise
  }
}
