import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { interactionTableContract } from '#schemas/ports/interaction-table.contract.ts'
import type { TableRow } from '#schemas/ports/interaction-table.ts'
import { manifestName, parquetInteractionTable } from './interaction-table.ts'
import { loadDuckdb } from './open.ts'

/** With a quote in its name, which SQL must not take for its own. */
async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-it's-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function rowsIn(folder: string): Promise<TableRow[]> {
  const { DuckDBInstance } = await loadDuckdb()
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const files = join(folder, '*.parquet').replaceAll("'", "''")
  const found = await connection.runAndReadAll(`SELECT *, epoch_ms("time") AS ms FROM read_parquet('${files}')`)
  const rows = found.getRowObjectsJS().map((row) => ({
    userId: textOf(row['user_id']),
    itemId: textOf(row['item_id']),
    action: textOf(row['type']),
    value: row['value'] === null ? null : Number(row['value']),
    weight: Number(row['weight']),
    time: Number(row['ms']),
    partition: Number(row['partition']),
    offset: Number(row['offset']),
    heldOut: row['held_out'] === true,
  }))
  connection.closeSync()
  return rows
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${typeof value} where text was expected`)
  return value
}

interactionTableContract('Parquet', async () => {
  const folder = await emptyFolder()
  return {
    table: await parquetInteractionTable({ folder }),
    read: async () => ({
      rows: await rowsIn(folder),
      manifest: JSON.parse(await readFile(join(folder, manifestName), 'utf8')),
    }),
  }
})

describe('A folder of Parquet files', () => {
  it('begins a new file when one is full', async () => {
    const folder = await emptyFolder()
    const table = await parquetInteractionTable({ folder, rowsPerFile: 1_000 })
    const rows = Array.from({ length: 2_500 }, (_, offset): TableRow => {
      const about = { userId: 'u', itemId: 'i', action: 'view', value: null, weight: 1, time: offset }
      return { ...about, partition: 0, offset, heldOut: false }
    })
    await table.append(rows)
    expect(await table.count()).toMatchObject({ files: 3, rows: 2_500 })
    await table.close()
    expect((await readdir(folder)).toSorted()).toEqual([
      'part-00000.parquet',
      'part-00001.parquet',
      'part-00002.parquet',
    ])
    const offsets = (await rowsIn(folder)).map(({ offset }) => offset).toSorted((a, b) => a - b)
    expect(offsets).toEqual(rows.map(({ offset }) => offset))
  })

  it('is not written over another', async () => {
    const folder = await emptyFolder()
    await writeFile(join(folder, 'part-00000.parquet'), 'of before')
    await expect(parquetInteractionTable({ folder })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('names the package that is missing', async () => {
    const absent = () => Promise.reject(new Error('Cannot find package'))
    await expect(loadDuckdb(absent)).rejects.toMatchObject({
      code: 'tool-missing',
      message: expect.stringContaining('npm install @duckdb/node-api'),
    })
  })
})
