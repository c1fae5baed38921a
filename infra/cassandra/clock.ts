import type { Cassandra } from './connect.ts'
import { execute } from './statements.ts'

/** The wall clock of a Cassandra node, epoch ms. */
export async function cassandraClock(cassandra: Pick<Cassandra, 'client'>): Promise<number> {
  const { rows } = await execute(cassandra, 'SELECT toTimestamp(now()) AS now FROM system.local')
  const now: Date | undefined = rows[0]?.['now']
  return now?.getTime() ?? Number.NaN
}
