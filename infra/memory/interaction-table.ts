import type { ExportManifest } from '#schemas/models/interaction-export.ts'
import type { InteractionTable, TableRow } from '#schemas/ports/interaction-table.ts'

export interface MemoryInteractionTable extends InteractionTable {
  readonly rows: readonly TableRow[]
  readonly manifest: () => ExportManifest | undefined
}

export function memoryInteractionTable(): MemoryInteractionTable {
  const rows: TableRow[] = []
  let said: ExportManifest | undefined
  const distinct = (values: readonly string[]) => new Set(values).size
  return {
    rows,
    manifest: () => said,
    append: async (more) => void rows.push(...more),
    count: async () => ({
      files: rows.length === 0 ? 0 : 1,
      rows: rows.length,
      users: distinct(rows.map(({ userId }) => userId)),
      items: distinct(rows.map(({ itemId }) => itemId)),
      heldOut: rows.filter(({ heldOut }) => heldOut).length,
    }),
    describe: async (manifest) => void (said = manifest),
    close: async () => undefined,
  }
}
