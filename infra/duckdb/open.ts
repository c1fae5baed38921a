import type * as DuckDB from '@duckdb/node-api'
import { MillraceError } from '#schemas/errors.ts'

export type DuckDBModule = typeof DuckDB

/**
 * DuckDB as a library, an optional dependency: only those who export install its 70 MB. Throws `tool-missing`, naming the
 * package, where it is not there.
 */
export async function loadDuckdb(
  load: () => Promise<DuckDBModule> = () => import('@duckdb/node-api'),
): Promise<DuckDBModule> {
  try {
    return await load()
  } catch (cause) {
    throw new MillraceError(
      'tool-missing',
      'Parquet is written by DuckDB, which is not installed: npm install @duckdb/node-api',
      { cause, facts: { package: '@duckdb/node-api' } },
    )
  }
}
