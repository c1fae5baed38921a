import { setImmediate } from 'node:timers/promises'
import type { types } from 'cassandra-driver'
import { MillraceError } from '#schemas/errors.ts'
import type { RowWrite, StateStore, StoredRow } from '#schemas/ports/state-store.ts'
import { tableNames, type TableName } from '#schemas/rows/tables.ts'
import type { Cassandra } from './connect.ts'
import type { Generation } from './generations.ts'
import { gatheredReads } from './gathered-reads.ts'
import { placement } from './placement.ts'
import { readGroups, writeBatches, type RowGroup } from './row-batches.ts'
import { rowStatements } from './row-statements.ts'
import { rowTimestamp } from './row-timestamp.ts'
import { storeError } from './store-error.ts'

export interface CassandraStateStoreOptions {
  readonly cassandra: Cassandra
  readonly generation: Generation
  /**
   * Id rows disappear after this many days, which must be at least 7 and the days that `interactions` is kept: a TTL only
   * cleans up what no clock of the fold looks at again. Default 0: never, as `interactions` is kept for ever.
   */
  readonly idTtlDays?: number
}

/**
 * Rows of one generation in Cassandra. A row is written at the timestamp of its position, so an older write loses in the
 * store itself, whenever it arrives; nothing here deletes, counts or compares. Small rows go out several to a request.
 * A write that fails with `store-failed` may have been taken in part, or may be later. A row's head is never read
 * together with its chunks in one go: a chunk read before its head may be older than what the head proves.
 * Closing leaves the session open for others.
 */
export function cassandraStateStore({ cassandra, generation, idTtlDays = 0 }: CassandraStateStoreOptions): StateStore {
  const { client, window } = cassandra
  const places = placement(cassandra)
  const statements = rowStatements({ keyspace: cassandra.keyspace, id: generation.id, idTtlDays })
  const partsReaders = new Map<TableName, PartsReader>()
  let closed = false

  function refuseWhenClosed(): void {
    if (closed) throw new MillraceError('stopped', 'the store is closed')
  }

  function of(table: TableName) {
    if (tableNames.includes(table)) return statements.tables[table]
    throw new MillraceError('invalid-input', `there is no table ${table}`)
  }

  async function run(query: string, params: unknown[], options: object = {}): Promise<types.ResultSet> {
    try {
      return await client.execute(query, params, { prepare: true, isIdempotent: true, ...options })
    } catch (error) {
      throw storeError(error, { generation: generation.name })
    }
  }

  async function readGroup({ table, keys, parts }: RowGroup): Promise<types.ResultSet> {
    const { one, several } = of(table)
    if (keys.length === 1 && parts.length === 1) return run(one, [keys[0], parts[0]], unpaged)
    return run(several, [keys, parts], { ...unpaged, routingKey: Buffer.from(keys[0]!) })
  }

  async function writeBatch(rows: readonly PreparedWrite[]): Promise<void> {
    const [first] = rows
    if (rows.length === 1 && first !== undefined) {
      await run(first.query, first.params)
      return
    }
    try {
      await client.batch([...rows], { prepare: true, isIdempotent: true, logged: false })
    } catch (error) {
      throw storeError(error, { generation: generation.name })
    }
  }

  function prepare(row: RowWrite): PreparedWrite {
    const timestamp = rowTimestamp(row.epoch, row.offset)
    return { query: of(row.table).insert, params: [row.key, row.part, Buffer.from(row.bytes), timestamp] }
  }

  function partsReader(table: TableName): PartsReader {
    const { parts, severalParts } = of(table)
    return gatheredReads({
      split: (keys) =>
        readGroups(
          keys.map((key) => ({ table, key, part: 0 })),
          places(),
        ).map((group) => group.keys),
      async read(keys) {
        const [first = ''] = keys
        const found =
          keys.length === 1
            ? await run(parts, [first], unpaged)
            : await run(severalParts, [keys], { ...unpaged, routingKey: Buffer.from(first) })
        return found.rows.map(storedRow)
      },
    })
  }

  function partsOf(table: TableName): PartsReader {
    const known = partsReaders.get(table)
    if (known !== undefined) return known
    const made = partsReader(table)
    partsReaders.set(table, made)
    return made
  }

  return {
    async read(keys) {
      refuseWhenClosed()
      const groups = readGroups(keys, places())
      const found = new Map<string, Uint8Array>()
      await window.all(groups.length, async (i) => {
        const group = groups[i]!
        for (const row of (await readGroup(group)).rows) {
          found.set(`${group.table} ${row['part']} ${row['key']}`, row['state'])
        }
      })
      return keys.map(({ table, key, part }) => found.get(`${table} ${part} ${key}`))
    },
    async readParts(table, key) {
      refuseWhenClosed()
      return partsOf(table)(key)
    },
    async write(rows) {
      refuseWhenClosed()
      // Copied before anything is awaited: the driver encodes when its socket has room, and the caller may change its bytes.
      const batches = writeBatches(rows, places()).map((batch) => batch.map(prepare))
      await window.all(batches.length, (i) => writeBatch(batches[i]!))
    },
    async *scan(table, { pageSize = 1_000 } = {}) {
      let pageState: string | undefined
      do {
        refuseWhenClosed()
        const page = await run(of(table).all, [], { fetchSize: pageSize, pageState })
        pageState = page.pageState ?? undefined
        if (page.rowLength > 0) yield page.rows.map(storedRow)
        await setImmediate()
      } while (pageState !== undefined)
    },
    async checkpoint(task, partition) {
      refuseWhenClosed()
      const row = (await run(statements.checkpoint, [task, partition])).first()
      return row === null ? undefined : { epoch: row['epoch'], partition, offset: Number(row['next']) }
    },
    async saveCheckpoint(task, { epoch, partition, offset }) {
      refuseWhenClosed()
      const timestamp = rowTimestamp(epoch, offset)
      await run(statements.saveCheckpoint, [task, partition, epoch, offset, timestamp])
    },
    async close() {
      closed = true
    },
  }
}

type PartsReader = ReturnType<typeof gatheredReads>

interface PreparedWrite {
  readonly query: string
  readonly params: unknown[]
}

/** What one key or group holds is bounded; paging would only cost. */
const unpaged = { fetchSize: 0 }

function storedRow(row: types.Row): StoredRow {
  return { key: row['key'], part: row['part'], bytes: row['state'] }
}
