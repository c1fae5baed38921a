import { describe, expect, it } from 'vitest'
import { exportFormat, type ExportManifest } from '../models/interaction-export.ts'
import type { InteractionTable, TableRow } from './interaction-table.ts'

export interface InteractionTableSubject {
  readonly table: InteractionTable
  /** What a reader of the finished table finds, in any order, and what describes it. */
  readonly read: () => Promise<{ readonly rows: readonly TableRow[]; readonly manifest: unknown }>
}

const row: TableRow = {
  userId: 'ada',
  itemId: 'lamp',
  action: 'rating',
  value: 4.5,
  weight: 6.25,
  time: 1_600_000_000_123,
  partition: 3,
  offset: 12,
  heldOut: false,
}

const manifest: ExportManifest = {
  format: exportFormat,
  createdAt: 1,
  positions: [{ epoch: 1, partition: 0, offset: 2 ** 40 }],
  holdout: { kind: 'after-positions', share: 0.1, seed: 1 },
  rows: 2,
  users: 1,
  items: 1,
  heldOut: 0,
  confidenceCap: 20,
}

export function interactionTableContract(name: string, open: () => Promise<InteractionTableSubject>): void {
  describe(`InteractionTable: ${name}`, () => {
    it('gives back every row as it was appended, and what describes it', async () => {
      const { table, read } = await open()
      const rows: TableRow[] = [
        row,
        { ...row, userId: 'Ünï 🙂 ', itemId: 'x'.repeat(10_000), value: null, weight: -6, heldOut: true },
        { ...row, offset: 2 ** 40, time: 0, value: 0 },
      ]
      await table.append(rows.slice(0, 1))
      await table.append([])
      await table.append(rows.slice(1))
      expect(await table.count()).toEqual({ files: 1, rows: 3, users: 2, items: 2, heldOut: 1 })
      await table.describe(manifest)
      await table.close()
      const found = await read()
      expect(found.rows).toHaveLength(3)
      expect(found.rows).toEqual(expect.arrayContaining(rows))
      expect(found.manifest).toEqual(manifest)
    })

    it('counts many rows, and none where there were none', async () => {
      const { table } = await open()
      for (let batch = 0; batch < 10; batch++) {
        const rows = Array.from({ length: 777 }, (_, i) => ({ ...row, itemId: `item ${i}`, offset: batch * 777 + i }))
        await table.append(rows)
      }
      expect(await table.count()).toMatchObject({ rows: 7_770, users: 1, items: 777, heldOut: 0 })
      await table.close()
      const empty = await open()
      expect(await empty.table.count()).toEqual({ files: 0, rows: 0, users: 0, items: 0, heldOut: 0 })
      await empty.table.close()
    })
  })
}
