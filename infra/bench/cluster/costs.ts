import type { UnitCosts } from '../capacity/unit-costs.ts'
import type { FoldRuns } from './fold.ts'
import type { Ingested } from './ingest.ts'
import type { TablesForPeople } from './tables-for-people.ts'
import type { Recommended } from './recommend.ts'

export interface Measured {
  readonly fold: FoldRuns
  readonly tables: TablesForPeople
  readonly ingested: Ingested
  readonly recommended: Recommended
  /** Processor seconds of a serving instance an event. */
  readonly serveSeconds: number
}

/** What the parts of the bench found one of each thing to cost. */
export function unitCosts(found: Measured): Pick<UnitCosts, 'micros' | 'perEvent' | 'answerBytes'> {
  const { ingested, recommended } = found
  const { one, uncoalesced } = found.fold
  const { rowsRead, rowsWritten, bytesRead, bytesWritten, requests } = uncoalesced
  return {
    micros: {
      ingestEvent: ingested.cpu.ingest * 1e6,
      ingestEventKafka: ingested.cpu.kafka * 1e6,
      gatewayEvent: ingested.cpu.gateway * 1e6,
      foldEvent: uncoalesced.processorMicros,
      foldEventCassandra: uncoalesced.cassandraMicros,
      foldEventKafka: uncoalesced.kafkaMicros,
      backlogEvent: one.processorMicros,
      backlogEventCassandra: one.cassandraMicros,
      tablesEvent: found.tables.processorMicros,
      tablesEventCassandra: found.tables.cassandraMicros,
      recommend: recommended.cpu.serve * 1e6,
      recommendCassandra: recommended.cpu.cassandra * 1e6,
      recommendRedis: recommended.cpu.redis * 1e6,
      recommendGateway: recommended.cpu.gateway * 1e6,
      serveEvent: found.serveSeconds * 1e6,
    },
    perEvent: { rowsRead, rowsWritten, bytesRead, bytesWritten, requests },
    answerBytes: recommended.answerBytes,
  }
}
