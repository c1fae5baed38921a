import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '#schemas/math/random.ts'
import type { Bench, BenchContext } from './bench.ts'
import { clientEvents, drawnUsers, eventRequests } from './events.ts'
import { milliseconds, short } from './figures.ts'
import { allAnswered, httpLoad } from './load/http-load.ts'
import { rawConnection, requestBytes, type RawConnection } from './load/raw-connection.ts'
import { percentiles, type Percentiles } from './percentiles.ts'
import { histogramBetween } from './server/scrape.ts'
import { standaloneProcess, type ServerProcess } from './server/server-process.ts'

const perSecond = 1_000
const seconds = 20
const goalMs = 100

export const freshnessBench: Bench = {
  name: 'freshness',
  title: 'Freshness',
  question: `How long after its 202 is an event part of what recommendations are computed from, while ${perSecond} events a second come in? Beside it: the same on a server that does nothing else.`,
  async run(context) {
    const server = await standaloneProcess(await context.filledFolder())
    try {
      context.say('idle')
      const idle = await probes(context, server, 'idle', 5)
      context.say(`${perSecond} events/s for ${seconds} s`)
      const before = await server.scrape()
      const [busy, load] = await Promise.all([
        probes(context, server, 'busy', seconds - 2),
        steadyLoad(context, server),
      ])
      const after = await server.scrape()
      const seen = histogramBetween(before, after, 'millrace_freshness_seconds')
      const answers = percentiles(load.milliseconds)
      const counted = percentiles(busy.counted)
      const read = percentiles(busy.read)
      const met = (p99: number) => ({ says: `p99 < ${goalMs} ms`, met: p99 < goalMs })
      return {
        measures: [
          {
            what: `202 to counted, as a client sees it (${busy.counted.length} probes)`,
            measured: milliseconds(counted),
            goal: met(counted.p99),
            beside: besideIdle(counted, percentiles(idle.counted)),
          },
          {
            what: '202 to the answer of a recommendation asked with `after=`, its own computation included',
            measured: milliseconds(read),
            goal: met(read.p99),
            beside: besideIdle(read, percentiles(idle.read)),
          },
          {
            what: `accepted to the notice that serving reads, \`millrace_freshness_seconds\` (${seen.count} notices)`,
            measured: `p50 < ${short(seen.p50 * 1000)} ms, p99 < ${short(seen.p99 * 1000)} ms`,
            goal: met(seen.p99 * 1000),
          },
          { what: 'request sent to 202 meanwhile', measured: milliseconds(answers) },
        ],
        bound:
          'five commits in a row from an event to its notice (log, item rows, item notices, heads, user notices), each behind the syncs of the others: in batches of a few events nearly every event writes its two rows anew, kilobytes where users are busy or items popular',
        notes: [
          `A probe posts a view and asks for the user's interactions until it is there; then it posts another and asks for recommendations after its position. ${busy.behind} of ${busy.read.length} such answers were \`behind\`.`,
          `Events came as single requests over 64 connections, ${load.answered} in ${short(load.seconds)} s.`,
        ],
      }
    } finally {
      await server.stop()
    }
  },
}

function besideIdle(busy: Percentiles, idle: Percentiles): string {
  return `idle ${milliseconds(idle)}; ratio of p50 ${short(busy.p50 / idle.p50)}, of p99 ${short(busy.p99 / idle.p99)}`
}

async function steadyLoad({ data, seed }: BenchContext, { url }: ServerProcess) {
  const events = clientEvents({ pairs: data.pairs(), count: perSecond * seconds, seed, name: 'steady' })
  const requests = eventRequests(events, 1)
  return allAnswered(await httpLoad({ url, requests, connections: 64, perSecond, warmUp: perSecond }), 202)
}

interface Probes {
  /** From the 202 to the answer in which the event is counted, ms. */
  readonly counted: readonly number[]
  /** From the 202 to the recommendations that know the event, ms. */
  readonly read: readonly number[]
  /** Recommendations that were answered without it. */
  readonly behind: number
}

async function probes(
  { data, seed }: BenchContext,
  { url }: ServerProcess,
  name: string,
  forSeconds: number,
): Promise<Probes> {
  const users = drawnUsers(data.pairs(), 2_000, seed)
  const items = data.pairs()
  const random = seededRandom(seed)
  const connection = await rawConnection(url)
  const found = { counted: new Array<number>(), read: new Array<number>(), behind: 0 }
  const end = performance.now() + forSeconds * 1000
  for (let i = 0; performance.now() < end; i++) {
    const userId = users[i % users.length] ?? ''
    const post = (id: string) => {
      const itemId = items[Math.floor(random() * items.length)]?.itemId ?? ''
      return posted(connection, { id, userId, itemId, type: 'view' })
    }
    const path = `/v1/users/${encodeURIComponent(userId)}`
    const id = `probe-${name}-${i}`
    await post(id)
    const acceptedAt = performance.now()
    while (!(await got(connection, `${path}/interactions?limit=20`)).includes(`"${id}"`)) await sleep(1)
    found.counted.push(performance.now() - acceptedAt)
    const position = await post(`${id}-after`)
    const againAt = performance.now()
    const answer = await got(connection, `${path}/recommendations?after=${encodeURIComponent(position)}`)
    found.read.push(performance.now() - againAt)
    if (answer.includes('"behind"')) found.behind++
    await sleep(5)
  }
  connection.close()
  return found
}

async function posted(connection: RawConnection, event: object): Promise<string> {
  const { status, body } = await connection.send(requestBytes('POST', '/v1/interactions', JSON.stringify(event)))
  if (status !== 202) throw new Error(`a probe was answered ${status}: ${body.toString()}`)
  const { position }: { readonly position: string } = JSON.parse(body.toString())
  return position
}

async function got(connection: RawConnection, path: string): Promise<string> {
  const { status, body } = await connection.send(requestBytes('GET', path))
  if (status === 200) return body.toString()
  throw new Error(`${path} was answered ${status}: ${body.toString()}`)
}
