import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '#schemas/math/random.ts'
import { audit } from '#stream-processors/audit.ts'
import { auditSentence } from '../../app/cli/audit.ts'
import type { Bench, BenchContext, Finding, Measure, Table } from '../bench.ts'
import { short } from '../figures.ts'
import { clusterUnderTest, type ClusterUnderTest } from './cluster-under-test.ts'
import { fullDisk, type FullDisk } from './full-disk.ts'
import { kills } from './kills.ts'
import { links, rebalanceStorm } from './links.ts'
import { lostAnswers } from './lost-answers.ts'
import { runScenario, type Hurt, type Scenario, type Toll, type Traffic } from './scenario.ts'
import { topicTrouble, type Stopped } from './topic-trouble.ts'
import { zombies } from './zombies.ts'

export interface FaultsOptions {
  /** How often each thing goes wrong. */
  readonly times: number
  readonly eventsPerSecond: number
  readonly readsPerSecond: number
  /** A hundred thousand real ratings and a model of them; else a few events, which is sooner there. */
  readonly sample: boolean
}

export interface Faults {
  readonly tolls: readonly Toll[]
  readonly stopped: readonly Stopped[]
  /** Undefined where no small disk may be mounted. */
  readonly full: FullDisk | undefined
  /** Rows against a fold of the whole log from zero. */
  readonly audited: string
  readonly balanced: boolean
}

const others: readonly Scenario[] = [...zombies, lostAnswers, ...links, rebalanceStorm]
/** Of what is no `kill -9`. */
const mostTimes = 3

/** Hurts a cluster of this machine in every way we know, under traffic, and counts what became of the events. */
export async function hurtEverything(
  { folder, seed, say }: Pick<BenchContext, 'folder' | 'seed' | 'say'>,
  { times, sample, ...rates }: FaultsOptions,
): Promise<Faults> {
  const random = seededRandom(seed)
  const cluster = await clusterUnderTest(folder(), { instances: 'process=2,serve=2,ingest=2', sample, say })
  try {
    if (!sample) await sendSome(cluster.gateway)
    const traffic: Traffic = { ...rates, ...(await namesOf(cluster)), users: 60 * times }
    const options = { cluster, folder, say, times, random, traffic, sleep: (ms: number) => sleep(ms) }
    const tolls: Toll[] = []
    for (const scenario of [...kills, ...others]) {
      const often = kills.includes(scenario) ? times : Math.min(times, mostTimes)
      const toll = await runScenario(scenario, { ...options, times: often })
      say(tollLine(toll))
      tolls.push(toll)
    }
    const hurt: Hurt = { cluster, folder, say, further: [] }
    const stopped = await topicTrouble(hurt, Math.floor(random() * 1e6))
    const full = await fullDisk(hurt)
    const report = await audit(cluster.parts)
    return { tolls, stopped, full, audited: auditSentence(report), balanced: report.balanced }
  } finally {
    await cluster.stop()
  }
}

/** Enough for lists to be made of. */
async function sendSome(gateway: string): Promise<void> {
  const events = Array.from({ length: 1_000 }, (_, n) => ({
    id: `some-${n}`,
    userId: `someone-${n % 50}`,
    itemId: `thing-${(n * 7) % 120}`,
    type: 'view',
  }))
  const body = events.map((event) => JSON.stringify(event)).join('\n')
  const headers = { 'content-type': 'application/x-ndjson' }
  const { status } = await fetch(`${gateway}/v1/interactions`, { method: 'POST', headers, body })
  if (status !== 202) throw new Error(`the first events were answered ${status}`)
  for (;;) {
    const answer = await fetch(`${gateway}/v1/trending?limit=1`)
    const { items }: { readonly items?: readonly unknown[] } = await answer.json()
    if ((items?.length ?? 0) > 0) return
    await sleep(200)
  }
}

async function namesOf({ gateway }: ClusterUnderTest): Promise<Pick<Traffic, 'items' | 'readers'>> {
  const ask = async (path: string) => (await fetch(gateway + path)).json()
  const { items }: { readonly items: readonly { readonly itemId: string }[] } = await ask('/v1/trending?limit=100')
  const { users }: { readonly users: readonly { readonly userId: string }[] } = await ask('/v1/users?limit=100')
  return { items: items.map(({ itemId }) => itemId), readers: users.map(({ userId }) => userId) }
}

const times = Number(process.env['FAULTS_TIMES'] ?? 10)
const rates = { eventsPerSecond: 500, readsPerSecond: 200 }

export const faultsBench: Bench = {
  name: 'faults',
  title: 'Faults',
  question: `What becomes of ${rates.eventsPerSecond} events/s and ${rates.readsPerSecond} reads/s when parts of a cluster die, stand still, lose their connections or meet a full disk? Events are sent again until they are answered 202; reads are asked once. Nothing is mended by hand.`,
  async run(context): Promise<Finding> {
    const { tolls, stopped, full, audited, balanced } = await hurtEverything(context, { times, sample: true, ...rates })
    const sum = (of: (toll: Toll) => number) => tolls.reduce((total, toll) => total + of(toll), 0)
    return {
      measures: [
        { what: 'events lost', measured: `${sum((toll) => toll.lost)}`, goal: none(sum((toll) => toll.lost)) },
        {
          what: 'events counted twice',
          measured: `${sum((toll) => toll.double)}`,
          goal: none(sum((toll) => toll.double)),
        },
        {
          what: 'every row against a fold of the whole log from zero',
          measured: audited,
          goal: { says: 'balanced', met: balanced },
        },
        ...stopped.map(stoppedMeasure),
        ...(full === undefined ? [] : [fullMeasure(full)]),
      ],
      table: tableOf(tolls),
      bound:
        'detection and restart: a dead role is started again by the supervisor, partitions of a dead processor move after the 6 s session of its group, Cassandra needs its JVM and its commit log; all of it on two cores',
      notes: [
        'Two instances each of ingest, process and serve, one of the rest, Kafka, Cassandra and Redis without replicas, all on this machine with the traffic; instants are seeded.',
        'An outage is the longest time without an answer of 200 or 202 through the gateway.',
        ...(full === undefined ? ['The disk of a broker was not filled: mounting a small one needs root.'] : []),
      ],
    }
  },
}

function none(found: number): NonNullable<Measure['goal']> {
  return { says: '0', met: found === 0 }
}

function stoppedMeasure({ what, said, exitCode, asExpected }: Stopped): Measure {
  return {
    what: `${what}, under a running processor`,
    measured: exitCode === 'runs on' ? 'it went on' : `it ended with exit code ${exitCode}: ${said}`,
    goal: { says: 'it ends and says why', met: asExpected },
  }
}

function fullMeasure({ acknowledged, code, retriable, lost, double, wentOn }: FullDisk): Measure {
  const after = wentOn ? 'appends went on once it was started with room' : 'appends did not go on'
  return {
    what: 'the disk of the broker full',
    measured: `${acknowledged} records acknowledged, then \`${code}\`${retriable ? ', retriable' : ''}; ${after}: ${lost} lost, ${double} double`,
    goal: { says: '0 lost, 0 double', met: lost === 0 && double === 0 && wentOn },
  }
}

function tableOf(tolls: readonly Toll[]): Table {
  return {
    head: [
      'what was done',
      'times',
      'sent',
      'accepted',
      'counted',
      'lost',
      'double',
      'longest outage of reads, s',
      'of writes, s',
      'reads failed',
      'answers that said what was missing',
    ],
    rows: tolls.map((toll) => [
      toll.name,
      ...[toll.times, toll.sent, toll.accepted, toll.counted, toll.lost, toll.double].map((n) =>
        n.toLocaleString('en'),
      ),
      short(toll.readOutageMs / 1_000),
      short(toll.writeOutageMs / 1_000),
      `${toll.failedReads} of ${toll.reads.toLocaleString('en')}`,
      Array.from(toll.degraded, ([mode, count]) => `${mode} ${count}`).join(', '),
    ]),
  }
}

function tollLine(toll: Toll): string {
  const { name, sent, accepted, counted, lost, double, readOutageMs, writeOutageMs, failedReads } = toll
  return `${name}: ${sent} sent, ${accepted} accepted, ${counted} counted, ${lost} lost, ${double} double; outages ${short(readOutageMs / 1_000)} s of reads (${failedReads} failed), ${short(writeOutageMs / 1_000)} s of writes`
}
