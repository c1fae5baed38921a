import { bareRows, type BareRow } from '#infra/cassandra/bare-client.fixture.ts'
import type { TableName } from '#schemas/rows/tables.ts'
import type { World } from './world.ts'

/** The driver alone, on rows of the size and mix that an event changes. */
export interface BareRates {
  readonly writes: number
  readonly reads: number
}

const underWay = 128

export async function bareRowRates({ parts, config }: World, most: number): Promise<BareRates> {
  const rows: BareRow[] = []
  for (const table of ['user-heads', 'item-statistics'] as const satisfies TableName[]) {
    const ofTable: BareRow[] = []
    for await (const page of parts.store.scan(table, { pageSize: 1_000 })) {
      ofTable.push(...page.map(({ key, part, bytes }) => ({ key: `${table} ${key}`, part, bytes })))
      if (ofTable.length >= most / 2) break
    }
    rows.push(...ofTable.slice(0, most / 2))
  }
  const bare = await bareRows({
    contactPoints: config.cassandraContactPoints.split(','),
    datacenter: config.cassandraDatacenter,
    keyspace: 'bare',
  })
  try {
    await bare.write(rows.slice(0, most / 5), underWay)
    const writes = rows.length / (await bare.write(rows, underWay))
    const reads = rows.length / (await bare.read(rows, underWay))
    return { writes, reads }
  } finally {
    await bare.close()
  }
}
