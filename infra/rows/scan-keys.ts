import type { StateStore } from '#schemas/ports/state-store.ts'
import type { TableName } from '#schemas/rows/tables.ts'

/** All parts of one key, ascending by part. */
export interface KeyParts {
  readonly key: string
  readonly parts: readonly Uint8Array[]
}

/** Scans a table key by key: the parts of a key come together, though the store's pages may part them. */
export async function* scanKeys(
  store: StateStore,
  table: TableName,
  options: { readonly pageSize?: number } = {},
): AsyncGenerator<readonly KeyParts[]> {
  let open: { key: string; parts: Uint8Array[] } | undefined
  for await (const page of store.scan(table, options)) {
    const whole: KeyParts[] = []
    for (const { key, bytes } of page) {
      if (open?.key === key) {
        open.parts.push(bytes)
        continue
      }
      if (open !== undefined) whole.push(open)
      open = { key, parts: [bytes] }
    }
    if (whole.length > 0) yield whole
  }
  if (open !== undefined) yield [open]
}
