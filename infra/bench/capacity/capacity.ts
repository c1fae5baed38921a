import type { Assumptions } from './assumptions.ts'
import { itemBytes, userBytes, type UserBytes } from './state-bytes.ts'
import type { UnitCosts } from './unit-costs.ts'

export interface Capacity {
  readonly roles: readonly RoleNeed[]
  readonly user: UserBytes
  readonly store: { readonly userBytes: number; readonly itemBytes: number; readonly diskBytes: number }
  readonly log: { readonly bytesPerSecond: number; readonly diskBytes: number; readonly monthBytes: number }
  /** Bytes a second at the peak. */
  readonly network: readonly { readonly what: string; readonly bytesPerSecond: number }[]
  readonly copies: { readonly bytes: number }
  readonly model: { readonly itemBytes: number; readonly neighbourBytes: number; readonly userBytes: number }
  readonly serving: { readonly instanceBytes: number; readonly noticesPerSecond: number; readonly noticeCores: number }
  readonly training: { readonly entries: number; readonly coreHours: number; readonly bytes: number }
  readonly partitions: number
  readonly dollars: readonly { readonly what: string; readonly month: number }[]
}

export interface RoleNeed {
  readonly name: string
  /** Busy at the peak. */
  readonly cores: number
  readonly memoryBytes: number
  readonly diskBytes: number
  /** As many as cores, memory and disk ask for. */
  readonly machines: number
  readonly why: string
}

const gigabyte = 1e9

/** A slot and a weight. */
const neighbourBytes = 8
/** A broker or node of such a machine bears so much data. */
const diskPerNode = 4_000 * gigabyte
const monthSeconds = 30 * 86_400

/** From what one of each thing costs to what all of them need. */
export function capacityOf(costs: UnitCosts, given: Assumptions): Capacity {
  const { eventsPerSecond: events, readsPerSecond: reads, replication } = given
  const { micros, log: topics } = costs
  const user = userBytes(costs, given)
  const userState = user.mean * given.users
  const itemState = itemBytes(costs, given, partitionsFor(costs, given)).mean * given.items
  const storeDisk = ((userState + itemState) * given.diskPerStateByte * replication) / given.diskFill
  const topicBytes = (name: string) => topics[name]?.bytes ?? 0
  const eventBytes = topicBytes('interactions')
  const noticeBytes = topicBytes('user-notices') + topicBytes('item-notices')
  const monthEvents = events * given.meanShare * monthSeconds
  const perSecond = events * (eventBytes + noticeBytes) + reads * topicBytes('impressions')
  const dailyBytes = perSecond * given.meanShare * 86_400
  const logDisk = (dailyBytes * given.logDays * replication) / given.diskFill
  const neighbourTotal = given.items * given.neighbours * neighbourBytes
  const instanceBytes = given.items * given.servingBytesPerItem + neighbourTotal
  const copyBytes = given.usersReading * costs.copies.mean
  const coresOf = (perSecondMicros: number) => perSecondMicros / 1e6
  const misses = 1 - given.copyHitShare
  const servingCores = coresOf(reads * micros.recommend)
  const roles = [
    need(given, 'ingest', coresOf(events * micros.ingestEvent), 0.5 * gigabyte, 0, 'JSON to Avro, batches of 100'),
    need(
      given,
      'gateway',
      coresOf(events * micros.gatewayEvent + reads * micros.recommendGateway),
      0.5 * gigabyte,
      0,
      'every event and every read passes through',
    ),
    need(
      given,
      'process',
      coresOf(events * (micros.foldEvent + micros.tablesEvent)),
      1 * gigabyte,
      0,
      'the fold, coalescing nothing, and the tables for people',
    ),
    need(given, 'serve', servingCores, instanceBytes, 0, 'one list of 20 a read; every instance holds all items'),
    need(
      given,
      'Kafka',
      coresOf(events * (micros.ingestEventKafka + micros.foldEventKafka)) * replication,
      2 * gigabyte,
      logDisk,
      `${given.logDays} days of events, notices and impressions, ${replication} replicas`,
    ),
    need(
      given,
      'Cassandra',
      coresOf(events * (micros.foldEventCassandra + micros.tablesEventCassandra)) * replication +
        coresOf(reads * misses * micros.recommendCassandra),
      32 * gigabyte,
      storeDisk,
      `each row written by ${replication} nodes`,
    ),
    need(given, 'Redis', coresOf(reads * micros.recommendRedis), copyBytes, 0, 'copies of the users who read now'),
  ]
  const pairs = userPairs(given, monthEvents)
  const training = {
    entries: pairs,
    coreHours: trainingSeconds(given, pairs) / 3_600,
    bytes: pairs * 16 + (given.users + given.items) * given.factors * 4,
  }
  return {
    roles,
    user,
    store: { userBytes: userState, itemBytes: itemState, diskBytes: storeDisk },
    log: { bytesPerSecond: perSecond, diskBytes: logDisk, monthBytes: monthEvents * eventBytes },
    network: [
      { what: 'events into Kafka, with replicas', bytesPerSecond: events * eventBytes * replication },
      {
        what: 'rows read and written by processors',
        bytesPerSecond: events * (costs.perEvent.bytesRead + costs.perEvent.bytesWritten * replication),
      },
      { what: 'notices to one serving instance', bytesPerSecond: events * noticeBytes },
      { what: 'answers', bytesPerSecond: reads * costs.answerBytes },
    ],
    copies: { bytes: copyBytes },
    model: {
      itemBytes: given.items * given.factors * 4,
      neighbourBytes: neighbourTotal,
      userBytes: given.users * given.factors * 4,
    },
    serving: {
      instanceBytes,
      noticesPerSecond: events * noticesPerEvent(costs),
      noticeCores: coresOf(events * micros.serveEvent),
    },
    training,
    partitions: partitionsFor(costs, given),
    dollars: dollarsOf(roles, given, monthEvents * eventBytes),
  }
}

/** So many that a processor of one thread has at most half of its time used by what a partition brings; a power of two. */
function partitionsFor({ micros }: UnitCosts, { eventsPerSecond, utilisation }: Assumptions): number {
  const processors = (eventsPerSecond * micros.foldEvent) / 1e6 / utilisation
  return 2 ** Math.ceil(Math.log2(4 * processors))
}

function need(
  given: Assumptions,
  name: string,
  busy: number,
  memoryBytes: number,
  diskBytes: number,
  why: string,
): RoleNeed {
  const cores = busy / given.utilisation
  const { machine } = given
  const isTotal = name === 'Redis'
  const memory = isTotal ? memoryBytes / (machine.gigabytes * gigabyte * 0.7) : 0
  const fewest = name === 'Kafka' || name === 'Cassandra' || name === 'Redis' ? 3 : 2
  const machines = Math.max(
    fewest,
    Math.ceil(cores / machine.cores),
    Math.ceil(memory),
    Math.ceil(diskBytes / diskPerNode),
  )
  return { name, cores, memoryBytes, diskBytes, machines, why }
}

function noticesPerEvent({ log }: UnitCosts): number {
  const records = (name: string) => log[name]?.records ?? 0
  return (records('user-notices') + records('item-notices')) / Math.max(1, records('interactions'))
}

/** Distinct (user, item) pairs within the 1,000 interactions that count. */
function userPairs({ users, activeShare }: Assumptions, monthEvents: number): number {
  const perActive = Math.min(1_000, monthEvents / (users * activeShare))
  return users * activeShare * perActive
}

function trainingSeconds(given: Assumptions, entries: number): number {
  const { factors, iterations, conjugateGradientSteps: steps, multiplyAddsPerSecond, users, items } = given
  const perSide = entries * factors * 2 * (steps + 1)
  const gramians = (users + items) * factors * factors * (steps + 1)
  return ((2 * perSide + gramians) * iterations) / multiplyAddsPerSecond
}

function dollarsOf(roles: readonly RoleNeed[], { prices, machine }: Assumptions, monthBytes: number) {
  const machines = roles.reduce((sum, role) => sum + role.machines, 0)
  const disk = roles.reduce((sum, role) => sum + role.diskBytes, 0)
  return [
    { what: `${machines} machines of ${machine.cores} cores`, month: machines * machine.cores * prices.core },
    { what: 'their memory', month: machines * machine.gigabytes * prices.memoryGb },
    { what: 'disks of Kafka and Cassandra', month: (disk / gigabyte) * prices.diskGb },
    { what: 'a year of events in the blob store', month: ((12 * monthBytes) / gigabyte) * prices.blobGb },
  ]
}
