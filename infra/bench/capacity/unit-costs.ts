import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TableName } from '#schemas/rows/tables.ts'
import type { RowBytes } from '../cluster/row-bytes.ts'

/** What one of each thing costs, as `npm run bench -- cluster` measured it. */
export interface UnitCosts {
  /** Day of the measurement, ISO 8601. */
  readonly date: string
  readonly machine: string
  readonly data: string
  /** Processor microseconds of one core, by process. */
  readonly micros: {
    /** One event taken in, in batches of 100. */
    readonly ingestEvent: number
    readonly ingestEventKafka: number
    readonly gatewayEvent: number
    /** One event folded in traffic so spread that nearly no row is shared in a batch: what live traffic costs at worst. */
    readonly foldEvent: number
    readonly foldEventCassandra: number
    readonly foldEventKafka: number
    /** One event folded on a backlog. */
    readonly backlogEvent: number
    readonly backlogEventCassandra: number
    /** One interaction carried into the tables for people. */
    readonly tablesEvent: number
    readonly tablesEventCassandra: number
    /** One list of 20 of a user whose rows come from Cassandra. */
    readonly recommend: number
    readonly recommendCassandra: number
    readonly recommendRedis: number
    readonly recommendGateway: number
    /** What one event costs each serving instance: its notices, and the items read again. */
    readonly serveEvent: number
  }
  readonly perEvent: {
    readonly rowsRead: number
    readonly rowsWritten: number
    readonly bytesRead: number
    readonly bytesWritten: number
    readonly requests: number
  }
  /** Encoded state, without what Cassandra adds. */
  readonly rows: Readonly<Record<TableName, RowBytes>>
  /** A user as instances share it in Redis, with all that counts of the history. */
  readonly copies: RowBytes
  /** Bytes of segment files a record, and records an event. */
  readonly log: Readonly<Record<string, { readonly bytes: number; readonly records: number }>>
  readonly answerBytes: number
  /** A serving instance with these items. */
  readonly serving: { readonly items: number; readonly residentBytes: number }
}

const file = join(import.meta.dirname, 'unit-costs.json')

/** Undefined before the first measurement. */
export function readUnitCosts(): UnitCosts | undefined {
  if (!existsSync(file)) return undefined
  const costs: UnitCosts = JSON.parse(readFileSync(file, 'utf8'))
  return costs
}

export function writeUnitCosts(costs: UnitCosts): void {
  writeFileSync(file, `${JSON.stringify(costs, rounded, 2)}\n`)
}

/** Four significant digits. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}
