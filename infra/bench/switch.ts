import { setTimeout as after } from 'node:timers/promises'
import { loadModel } from '#serving/read-model/load-model.ts'
import { publishModel } from '#batch/publish.ts'
import { readModelLife } from '#batch/model-topic.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { loadConfig } from '../app/config.ts'
import { openEmbedded } from '../app/embedded.ts'
import type { Bench, BenchContext, Measure } from './bench.ts'
import { drawnUsers } from './events.ts'
import { short, whole } from './figures.ts'
import { generateShop, idOf } from './generated-folder.ts'
import { allAnswered, httpLoad, type LoadRequest } from './load/http-load.ts'
import { percentiles } from './percentiles.ts'
import { total } from './server/scrape.ts'
import { standaloneProcess, type ServerProcess } from './server/server-process.ts'

const perSecond = 50
const connections = 8
const secondsAtOnce = 4
const switches = 1
const goalMs = 50
/** Items that guests choose from: what is like each of them is known after the first rounds, as it is in a shop. */
const often = 200
const shop = { items: 120_000, factors: 64 }

export const switchBench: Bench = {
  name: 'switch',
  title: 'Switching models',
  question: `How long do answers take while one process loads a model that was published, builds its index and switches to it, at ${perSecond} requests a second? Beside it: the same requests while nothing is switched.`,
  async run(context) {
    const films = await context.filledFolder()
    const users = drawnUsers(context.data.pairs(), 2_000, context.seed)
    const generated = context.folder()
    context.say(`generating ${whole(shop.items)} items`)
    await generateShop(generated, { ...shop, seed: context.seed })
    return {
      measures: [
        ...(await measured(context, 'MovieTweetings, its users', films, users.map(listOfUser))),
        ...(await measured(context, `${whole(shop.items)} generated items, guests`, generated, guests(context.seed))),
      ],
      bound:
        'one thread answers and loads: what it does for the new model it does in pieces of a few milliseconds, between which requests have their turn; the names of the items are parsed in one piece. The graph of an index is built on a thread of its own, which takes half of two cores',
      notes: [
        `From asking for the switch until the new model answers, each to a model that is not in memory; ${connections} connections; times from when a request was due, so that those who waited behind a pause count too. The client shares the two cores.`,
      ],
    }
  },
}

async function measured(
  { say }: BenchContext,
  what: string,
  dataDir: string,
  requests: readonly LoadRequest[],
): Promise<Measure[]> {
  const versions = await publishCopies(dataDir, switches)
  const server = await standaloneProcess(dataDir)
  try {
    for (let round = 0; round < 2; round++) await askFor(server, requests)
    say(`${what}: nothing is switched`)
    const still = percentiles(await askFor(server, requests))
    await server.scrape()
    say(`${what}: switching`)
    const milliseconds: number[] = []
    const seconds: number[] = []
    for (const version of versions) {
      const done = new AbortController()
      const switched = switchTo(server, version).finally(() => done.abort())
      // It is awaited below: until then it is not an unhandled one.
      switched.catch(() => {})
      while (!done.signal.aborted) milliseconds.push(...(await askFor(server, requests)))
      seconds.push(await switched)
    }
    const found = percentiles(milliseconds)
    const pause = total(await server.scrape(), 'nodejs_eventloop_lag_max_seconds') * 1000
    const beside = `nothing switched: p50 ${short(still.p50)} ms, p99 ${short(still.p99)} ms, longest ${short(still.max)} ms`
    return [
      {
        what: `${what}: ${whole(milliseconds.length)} requests while switching`,
        measured: `p50 ${short(found.p50)} ms, p99 ${short(found.p99)} ms, longest ${short(found.max)} ms`,
        goal: { says: `none over ${goalMs} ms`, met: found.max <= goalMs },
        beside,
      },
      {
        what: `${what}: from asking to the new model’s answers`,
        measured: `${seconds.map(short).join(', ')} s`,
        beside: `longest hold-up of the event loop ${short(pause)} ms`,
      },
    ]
  } finally {
    await server.stop()
  }
}

async function askFor(server: ServerProcess, requests: readonly LoadRequest[]): Promise<Float64Array> {
  const some = Array.from({ length: perSecond * secondsAtOnce }, (_, i) => requests[i % requests.length]!)
  return allAnswered(await httpLoad({ url: server.url, requests: some, connections, perSecond }), 200).milliseconds
}

/** Resolves with the seconds until the new model answers. */
async function switchTo({ url }: ServerProcess, version: string): Promise<number> {
  const began = performance.now()
  const body = JSON.stringify({ version })
  const headers = { 'content-type': 'application/json' }
  const { status } = await fetch(`${url}/v1/models/rollback`, { method: 'POST', headers, body })
  if (status !== 202) throw new Error(`the switch was answered ${status}`)
  for (;;) {
    const answer = await fetch(`${url}/v1/users/nobody/recommendations?limit=1`)
    const { modelVersion }: { readonly modelVersion: string | null } = await answer.json()
    if (modelVersion === version) return (performance.now() - began) / 1000
    await after(50)
  }
}

/** Publishes the model in service again under other names. */
async function publishCopies(dataDir: string, count: number): Promise<string[]> {
  const parts = await openEmbedded(loadConfig({ env: {}, flags: { dataDir } }))
  try {
    const { serving } = await readModelLife(parts)
    if (serving === undefined) throw new Error(`${dataDir} serves no model`)
    const { blob: _, lists: __, version: ___, ranker: ____, ...facts } = (await parts.registry.get(serving.version))!
    const { model, lists, ranker } = await loadModel({ models: parts.registry, blobs: parts.blobs }, serving.version)
    const versions = Array.from({ length: count }, (_, n) => `copy-${n}`)
    for (const version of versions) {
      const copy = { run: version, model: { ...model, version }, lists: { ...lists!, version }, ranker, facts }
      await publishModel(parts, copy)
    }
    return versions
  } finally {
    await parts.close()
  }
}

function listOfUser(userId: string): LoadRequest {
  return { method: 'GET', path: `/v1/users/${encodeURIComponent(userId)}/recommendations` }
}

/** Who clicked three items of those that are often chosen. */
function guests(seed: number): LoadRequest[] {
  const random = seededRandom(seed)
  return Array.from({ length: 2_000 }, () => {
    const recent = Array.from({ length: 3 }, () => ({ itemId: idOf(Math.floor(often * random())), type: 'click' }))
    return { method: 'POST', path: '/v1/recommendations', body: JSON.stringify({ recent }) }
  })
}
