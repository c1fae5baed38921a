import { short, whole } from '../figures.ts'
import type { Assumptions } from './assumptions.ts'
import { capacityOf, type Capacity } from './capacity.ts'
import { itemBytes } from './state-bytes.ts'
import type { UnitCosts } from './unit-costs.ts'

type Row = readonly string[]

/** The tables of `docs/explanation/capacity.md` by their names, as Markdown. */
export function capacityTables(costs: UnitCosts, given: Assumptions): Readonly<Record<string, string>> {
  const capacity = capacityOf(costs, given)
  return {
    measured: measured(costs),
    rows: rowTable(costs),
    assumed: assumed(given),
    machines: machines(capacity),
    state: state(capacity),
    flows: flows(capacity),
    money: money(capacity),
    reconciled: reconciled(costs, given, capacity),
  }
}

function measured({ date, machine, data, micros, perEvent }: UnitCosts): string {
  const rows: Row[] = [
    ['an event taken in, batches of 100', micros.ingestEvent, 'ingest'],
    ['the same, of Kafka', micros.ingestEventKafka, 'Kafka'],
    ['the same, through the gateway', micros.gatewayEvent, 'gateway'],
    ['an event folded, coalescing nothing', micros.foldEvent, 'process'],
    ['the same, of Cassandra', micros.foldEventCassandra, 'Cassandra'],
    ['the same, of Kafka', micros.foldEventKafka, 'Kafka'],
    ['an event folded on a backlog', micros.backlogEvent, 'process'],
    ['the same, of Cassandra', micros.backlogEventCassandra, 'Cassandra'],
    ['an interaction in the tables for people', micros.tablesEvent, 'process'],
    ['the same, of Cassandra', micros.tablesEventCassandra, 'Cassandra'],
    ['an event followed by one serving instance', micros.serveEvent, 'serve'],
    ['a list of 20, rows from Cassandra', micros.recommend, 'serve'],
    ['the same, of Cassandra', micros.recommendCassandra, 'Cassandra'],
    ['the same, of Redis', micros.recommendRedis, 'Redis'],
    ['the same, through the gateway', micros.recommendGateway, 'gateway'],
  ].map(([what, value, where]) => [String(what), short(Number(value)), String(where)])
  const note = `Measured ${date} on ${machine}; ${data}. An event that coalesces nothing reads ${short(perEvent.rowsRead)} rows and writes ${short(perEvent.rowsWritten)}, in ${short(perEvent.requests)} requests to Cassandra, checkpoint included.`
  return [table(['one', 'µs of one core', 'in'], rows), '', note].join('\n')
}

function rowTable({ rows, log, copies, answerBytes }: UnitCosts): string {
  const of = (name: string, { mean, p50, p99, rows: count }: UnitCosts['copies']): Row => [
    name,
    whole(mean),
    whole(p50),
    whole(p99),
    whole(count),
  ]
  const perRecord = Object.entries(log).map(([topic, { bytes, records }]): Row => [
    `record of \`${topic}\`, on the broker's disk`,
    whole(bytes),
    '',
    '',
    whole(records),
  ])
  const lines = [
    ...Object.entries(rows).map(([name, bytes]) => of(`row of \`${name}\``, bytes)),
    of('user with the whole history, as shared in Redis', copies),
    ...perRecord,
    ['answer of 20 items', whole(answerBytes), '', '', ''],
  ]
  return table(['bytes of a', 'mean', 'p50', 'p99', 'looked at'], lines)
}

function assumed(given: Assumptions): string {
  const { prices, machine } = given
  const percent = (share: number) => `${Math.round(share * 100)} %`
  return table(
    ['given, not measured', ''],
    [
      ['users, items', `${whole(given.users)}, ${whole(given.items)}`],
      ['reads and events a second, at the peak', `${whole(given.readsPerSecond)}, ${whole(given.eventsPerSecond)}`],
      ['mean of a month against the peak', percent(given.meanShare)],
      ['users who did something this month', percent(given.activeShare)],
      ['users who read within ten minutes', whole(given.usersReading)],
      ['reads that find the user in a copy', percent(given.copyHitShare)],
      ['replicas', String(given.replication)],
      ['busy at the peak: cores; full: disks', `${percent(given.utilisation)}; ${percent(given.diskFill)}`],
      ["Cassandra's disk for a byte of state", String(given.diskPerStateByte)],
      ['days of events on the brokers', String(given.logDays)],
      ['a machine', `${machine.cores} cores, ${machine.gigabytes} GB`],
      ['memory of a serving instance for an item', `${whole(given.servingBytesPerItem)} B (bench \`start\`)`],
      [
        'multiply-adds a second and core in training',
        `${short(given.multiplyAddsPerSecond / 1e9)} G (bench \`train\`)`,
      ],
      [
        'dollars a month: core, GB of memory, GB of disk, GB of blobs',
        [prices.core, prices.memoryGb, prices.diskGb, prices.blobGb].join(', '),
      ],
    ],
  )
}

function machines({ roles, partitions }: Capacity): string {
  const rows = roles.map(({ name, cores, machines: count, memoryBytes, diskBytes, why }): Row => [
    name,
    short(cores),
    whole(count),
    memoryBytes === 0 ? '' : size(memoryBytes),
    diskBytes === 0 ? '' : size(diskBytes),
    why,
  ])
  const total = roles.reduce((sum, role) => sum + role.machines, 0)
  const heads = ['', 'cores', 'machines', 'memory', 'disk', 'for']
  return [
    table(heads, rows),
    '',
    `Together ${whole(total)} machines. Partitions of the source topics: ${whole(partitions)}, four for each processor of one thread. Memory is what one process needs, of Redis what all together do; disk is what all together do, replicas and room included.`,
  ].join('\n')
}

function state({ user, store, log }: Capacity): string {
  return table(
    ['', 'bytes'],
    [
      ['a user who did little (half of those measured did less)', size(user.few)],
      ['a user with a full history and a week of ids', size(user.full)],
      ['the mean user', size(user.mean)],
      ['all users, once', size(store.userBytes)],
      ['all items, once', size(store.itemBytes)],
      ['rows on the disks of Cassandra', size(store.diskBytes)],
      ['a month of events, once', size(log.monthBytes)],
      ['the log on the disks of Kafka', size(log.diskBytes)],
    ],
  )
}

function flows({ network, serving }: Capacity): string {
  const rows = network.map(({ what, bytesPerSecond }): Row => [what, `${size(bytesPerSecond)}/s`])
  return [
    table(['at the peak', ''], rows),
    '',
    `Each serving instance hears ${whole(serving.noticesPerSecond)} notices a second at the peak and would spend ${short(serving.noticeCores)} cores on following them; it has one thread for that.`,
  ].join('\n')
}

function money({ dollars }: Capacity): string {
  const rows = dollars.map(({ what, month }): Row => [what, `$${whole(month)}`])
  const total = dollars.reduce((sum, { month }) => sum + month, 0)
  return table(['a month', ''], [...rows, ['together', `$${whole(total)}`]])
}

function reconciled(costs: UnitCosts, given: Assumptions, capacity: Capacity): string {
  const item = itemBytes(costs, given, capacity.partitions)
  const { model, copies, log, user } = capacity
  return table(
    ['rule of thumb', 'ours', 'why they differ'],
    [
      [
        '1 KB a user',
        `${size(user.few)} for one who did little, ${size(user.full)} for a full history`,
        'the rule counts a vector and some features; a row holds the last 1,000 interactions with their ids and times, from which the vector is made when somebody asks, so that a new model moves no user data',
      ],
      [
        '2 KB an item',
        `${size(item.mean)} in ${short(item.rows)} rows of statistics, up to ${size(item.largest)}`,
        'statistics are one row for each partition in which a user of the item lives: no shuffle, but an item that everybody knows has as many rows as there are partitions, each with up to 400 co-view counters',
      ],
      [
        '24 GB of cache',
        `${size(copies.bytes)} for ${whole(given.usersReading)} users at ${size(costs.copies.mean)}`,
        'a copy holds the whole history, so it grows with what users did: at 1 KB a user 24 GB would hold 24 million',
      ],
      [
        '50 GB a model',
        size(model.itemBytes + model.neighbourBytes),
        `only the item side is kept (${given.factors} factors of 4 bytes, ${given.neighbours} neighbours of 8); the ${size(model.userBytes)} of user vectors are computed where they are needed`,
      ],
      [
        '1 TB of training data a month',
        `${size(log.monthBytes)} of events`,
        `1 TB a month is ${whole(1e12 / (costs.log['interactions']?.bytes ?? Number.NaN) / (30 * 86_400))} events a second on average; the load asked for is ${whole(given.eventsPerSecond)} at the peak, taken as ${whole(given.eventsPerSecond * given.meanShare)} on average`,
      ],
    ],
  )
}

function table(head: Row, rows: readonly Row[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** In powers of 1,000, as disks are sold. */
function size(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3)))
  return `${short(bytes / 1_000 ** power)} ${units[power]}`
}
