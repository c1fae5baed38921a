import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { MillraceError } from '#schemas/errors.ts'
import type { InteractionTable, TableCounts, TableRow } from '#schemas/ports/interaction-table.ts'
import { loadDuckdb, type DuckDBModule } from './open.ts'

export interface ParquetTableOptions {
  /** Made when it is missing; refused with `conflict` when anything is in it. */
  readonly folder: string
  /** Rows of a file at most: they are held in memory until it is written. Default a million. */
  readonly rowsPerFile?: number
}

/** Name of the manifest in the folder: engines that read the folder as one table pass over names with an underscore. */
export const manifestName = '_export.json'

const columns = `user_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL, type VARCHAR NOT NULL, value DOUBLE, weight DOUBLE NOT NULL,
  "time" TIMESTAMPTZ NOT NULL, "partition" INTEGER NOT NULL, "offset" BIGINT NOT NULL, held_out BOOLEAN NOT NULL`

/** Beyond what the open file needs DuckDB spills to `.duckdb` in the folder. */
const settings = { threads: '1', memory_limit: '512MB' }

/** A folder of Parquet files, `part-00000.parquet` and so on, which together are the table. */
export async function parquetInteractionTable({
  folder,
  rowsPerFile = 1_000_000,
}: ParquetTableOptions): Promise<InteractionTable> {
  const duckdb = await loadDuckdb()
  await makeEmptyFolder(folder)
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    ...settings,
    temp_directory: join(folder, '.duckdb'),
  })
  const connection = await instance.connect()
  await connection.run(`CREATE TABLE part (${columns})`)
  let open = 0
  let files = 0

  async function writeFileOfRows(): Promise<void> {
    if (open === 0) return
    const file = join(folder, `part-${String(files).padStart(5, '0')}.parquet`)
    await failing(folder, () => connection.run(`COPY part TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`))
    await connection.run('TRUNCATE part')
    files++
    open = 0
  }

  return {
    async append(rows) {
      for (let from = 0; from < rows.length;) {
        const to = Math.min(rows.length, from + rowsPerFile - open)
        await appendRows(duckdb, connection, rows.slice(from, to))
        open += to - from
        from = to
        if (open === rowsPerFile) await writeFileOfRows()
      }
    },
    async count() {
      await writeFileOfRows()
      if (files === 0) return { files, rows: 0, users: 0, items: 0, heldOut: 0 }
      return { files, ...(await failing(folder, () => countedIn(connection, folder))) }
    },
    describe: (manifest) =>
      failing(folder, () => writeFile(join(folder, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`)),
    async close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function makeEmptyFolder(folder: string): Promise<void> {
  const found = await failing(folder, async () => {
    await mkdir(folder, { recursive: true })
    return readdir(folder)
  })
  if (found.length === 0) return
  throw new MillraceError('conflict', `${folder} is not empty: an export needs a folder of its own`, {
    facts: { folder },
  })
}

/** Rows of a chunk at most, as DuckDB makes them. */
const chunkRows = 2_048

async function appendRows(
  duckdb: DuckDBModule,
  connection: DuckDBConnection,
  rows: readonly TableRow[],
): Promise<void> {
  const { VARCHAR, DOUBLE, TIMESTAMPTZ, INTEGER, BIGINT, BOOLEAN, DuckDBDataChunk, DuckDBTimestampTZValue } = duckdb
  const types = [VARCHAR, VARCHAR, VARCHAR, DOUBLE, DOUBLE, TIMESTAMPTZ, INTEGER, BIGINT, BOOLEAN]
  const appender = await connection.createAppender('part')
  for (let from = 0; from < rows.length; from += chunkRows) {
    const some = rows.slice(from, from + chunkRows)
    const chunk = DuckDBDataChunk.create(types, some.length)
    chunk.setColumns([
      some.map(({ userId }) => userId),
      some.map(({ itemId }) => itemId),
      some.map(({ action }) => action),
      some.map(({ value }) => value),
      some.map(({ weight }) => weight),
      some.map(({ time }) => new DuckDBTimestampTZValue(BigInt(Math.round(time)) * 1_000n)),
      some.map(({ partition }) => partition),
      some.map(({ offset }) => BigInt(offset)),
      some.map(({ heldOut }) => heldOut),
    ])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

async function countedIn(connection: DuckDBConnection, folder: string): Promise<Omit<TableCounts, 'files'>> {
  const counted = await connection.runAndReadAll(
    `SELECT count(*), count(DISTINCT user_id), count(DISTINCT item_id), count(*) FILTER (held_out)
     FROM read_parquet(${quoted(join(folder, 'part-*.parquet'))})`,
  )
  const [rows, users, items, heldOut] = (counted.getRows()[0] ?? []).map(Number)
  return { rows: rows ?? NaN, users: users ?? NaN, items: items ?? NaN, heldOut: heldOut ?? NaN }
}

async function failing<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('store-failed', `${folder}: ${said}`, { cause, facts: { folder } })
  }
}

/** A string of SQL. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
