import type { StateStore } from '#schemas/ports/state-store.ts'
import { tableNames, type TableName } from '#schemas/rows/tables.ts'
import { encodeUser } from '#infra/rows/user-copy.ts'
import type { Parts } from '../../app/parts.ts'
import { percentiles } from '../percentiles.ts'

/** Encoded state of the rows of one table, bytes. */
export interface RowBytes {
  readonly rows: number
  readonly keys: number
  readonly mean: number
  readonly p50: number
  readonly p99: number
}

/** Of every table; of large ones the first rows the store gives, which are random by their hash. */
export async function rowBytes(store: StateStore, most: number): Promise<Record<TableName, RowBytes>> {
  const entries = await Promise.all(
    tableNames.map(async (table) => [table, await ofTable(store, table, most)] as const),
  )
  return Object.fromEntries(entries) as Record<TableName, RowBytes>
}

/** Of what instances share of these users. */
export async function copyBytes({ features, codec, settings }: Parts, users: readonly string[]): Promise<RowBytes> {
  const sizes: number[] = []
  for (const userId of users) {
    const user = await features.user(userId)
    if (user !== undefined) sizes.push(encodeUser(codec, user, settings.limits).length)
  }
  return summary(sizes, sizes.length)
}

async function ofTable(store: StateStore, table: TableName, most: number): Promise<RowBytes> {
  const sizes: number[] = []
  const keys = new Set<string>()
  for await (const page of store.scan(table, { pageSize: 1_000 })) {
    for (const { key, bytes } of page) {
      keys.add(key)
      sizes.push(bytes.length)
    }
    if (sizes.length >= most) break
  }
  return summary(sizes, keys.size)
}

function summary(sizes: readonly number[], keys: number): RowBytes {
  const rows = sizes.length
  if (rows === 0) return { rows, keys, mean: 0, p50: 0, p99: 0 }
  const { p50, p99 } = percentiles(sizes)
  return { rows, keys, mean: sizes.reduce((sum, size) => sum + size, 0) / rows, p50, p99 }
}
