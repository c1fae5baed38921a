import type { Measure, Table } from '../bench.ts'
import { rate, short, whole } from '../figures.ts'
import type { BareRates } from './bare-rows.ts'
import type { FoldCosts, FoldRuns } from './fold.ts'

const goals = { uncoalesced: 4_000, backlog: 15_000, twoToOne: 1.1 }

export function foldMeasures({ one, two, uncoalesced }: FoldRuns, bare: BareRates): Measure[] {
  const ratio = two.processorMicros / one.processorMicros
  return [
    {
      what: `one processor, every event of another user with another item: ${short(uncoalesced.rowsWritten)} rows written an event`,
      measured: rateOf(uncoalesced),
      goal: { says: `≥ ${rate(goals.uncoalesced, 1)}`, met: uncoalesced.perSecond >= goals.uncoalesced },
      beside: besideBare(uncoalesced, bare),
    },
    {
      what: `one processor on a backlog: ${short(one.rowsWritten)} rows written an event`,
      measured: rateOf(one),
      goal: { says: `≥ ${rate(goals.backlog, 1)}`, met: one.perSecond >= goals.backlog },
      beside: besideBare(one, bare),
    },
    {
      what: 'two processors sharing the partitions: their processor time an event, on the same backlog',
      measured: `${short(two.processorMicros)} µs an event; ${rateOf(two)}`,
      goal: { says: `≤ ${goals.twoToOne} × one`, met: ratio <= goals.twoToOne },
      beside: `one processor ${short(one.processorMicros)} µs an event, ratio ${short(ratio)}`,
    },
  ]
}

function rateOf({ perSecond, events, isDry }: FoldCosts): string {
  return `${rate(perSecond, 1)}${isDry ? '' : `, cut short after ${whole(events)} events`}`
}

/** Events a second if the driver did nothing but read and write these rows one by one. */
function besideBare(costs: FoldCosts, { reads, writes }: BareRates): string {
  const bound = 1 / (costs.rowsRead / reads + costs.rowsWritten / writes)
  return `bare cassandra-driver ${rate(writes, 1)} writes and ${rate(reads, 1)} reads of such rows, so ${rate(bound, 1)} events if it did nothing else; ratio ${short(costs.perSecond / bound)}`
}

/** The arithmetic of an event, from measured figures. */
export function foldTable({ one, two, uncoalesced }: FoldRuns): Table {
  const columns = [uncoalesced, one, two]
  const line = (what: string, of: (costs: FoldCosts) => number) => [what, ...columns.map((costs) => short(of(costs)))]
  return {
    head: ['an event costs', 'coalescing nothing', 'backlog, one processor', 'backlog, two'],
    rows: [
      line('rows read', ({ rowsRead }) => rowsRead),
      line('rows written', ({ rowsWritten }) => rowsWritten),
      line('bytes of state a row written', ({ bytesWritten, rowsWritten }) => bytesWritten / rowsWritten),
      line('requests to Cassandra', ({ requests }) => requests),
      line('µs of the processors', ({ processorMicros }) => processorMicros),
      line('µs of Cassandra', ({ cassandraMicros }) => cassandraMicros),
      line('µs of Kafka', ({ kafkaMicros }) => kafkaMicros),
      line(
        'µs together',
        ({ processorMicros, cassandraMicros, kafkaMicros }) => processorMicros + cassandraMicros + kafkaMicros,
      ),
      line(
        'so two cores that do nothing else fold a second',
        ({ processorMicros, cassandraMicros, kafkaMicros }) => 2e6 / (processorMicros + cassandraMicros + kafkaMicros),
      ),
    ],
  }
}
