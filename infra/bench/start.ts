import type { Bench, BenchContext, Measure } from './bench.ts'
import { bundledData, type BenchData } from './bench-data.ts'
import { startMillrace } from './command-line.ts'
import { drawnUsers } from './events.ts'
import { megabytes, short, whole } from './figures.ts'
import { allAnswered, httpLoad } from './load/http-load.ts'
import { parseScrape, total } from './server/scrape.ts'
import { bareProcess } from './server/server-process.ts'

const goalSeconds = 3
const requests = 5_000

export const startBench: Bench = {
  name: 'start',
  title: 'Start-up and memory',
  question:
    'How long until one process on a data folder that is already filled says that it is ready, and how much memory does it hold then and after load, at two sizes? Beside it: bare Fastify.',
  async run(context) {
    const began = performance.now()
    const bare = await bareProcess(['{}'])
    const bareSeconds = (performance.now() - began) / 1000
    const { rssBytes: bareBytes } = await bare.state()
    await bare.stop()
    const sample = await measure(context, bundledData())
    const all = context.data.name === 'sample' ? undefined : await measure(context, context.data)
    const sizes = all === undefined ? [sample] : [sample, all]
    return {
      measures: [...sizes.flatMap((size) => measuresOf(size, bareSeconds, bareBytes)), ...growth(sample, all)],
      bound:
        'at start: loading the modules (half a second), reading and merging the statistics rows of every item, and the model; memory: Node itself, the item rows and vectors held by serving, the row caches of the fold (8 MiB a partition and table at most), and the heap that V8 leaves uncollected while there is room',
      notes: [
        'Users are not held in memory, but for the caches: 20,000 rows and 1,000 vectors at most. What grows without bound with the data is one entry an item.',
      ],
    }
  },
}

interface Size {
  readonly says: string
  /** What `npm start` serves. */
  readonly isDemo: boolean
  readonly users: number
  readonly ratings: number
  readonly items: number
  readonly seconds: number
  readonly secondSeconds: number
  readonly readyBytes: number
  readonly readyHeap: number
  readonly loadedBytes: number
  readonly loadedHeap: number
}

async function measure(context: BenchContext, data: BenchData): Promise<Size> {
  context.say(data.name)
  const folder = await context.filledFolder(data)
  const first = await startMillrace(folder)
  await first.stop()
  const server = await startMillrace(folder)
  const ready = await memoryOf(server.url)
  const asked = drawnUsers(data.pairs(), requests, context.seed)
  const paths = asked.map((id) => ({
    method: 'GET' as const,
    path: `/v1/users/${encodeURIComponent(id)}/recommendations`,
  }))
  allAnswered(await httpLoad({ url: server.url, requests: paths, connections: 4 }), 200)
  const loaded = await memoryOf(server.url)
  await server.stop()
  return {
    isDemo: data.name === 'sample',
    says: data.name === 'sample' ? 'the bundled sample' : 'all of MovieTweetings',
    users: new Set(data.pairs().map(({ userId }) => userId)).size,
    items: new Set(data.pairs().map(({ itemId }) => itemId)).size,
    ratings: data.pairs().length,
    seconds: first.seconds,
    secondSeconds: server.seconds,
    readyBytes: ready.rss,
    readyHeap: ready.heap,
    loadedBytes: loaded.rss,
    loadedHeap: loaded.heap,
  }
}

async function memoryOf(url: string): Promise<{ rss: number; heap: number }> {
  const answer = await fetch(`${url}/metrics`)
  const scrape = parseScrape(await answer.text())
  return {
    rss: total(scrape, 'process_resident_memory_bytes'),
    heap: total(scrape, 'nodejs_heap_size_used_bytes'),
  }
}

function measuresOf(size: Size, bareSeconds: number, bareBytes: number): Measure[] {
  const { says, users, items, ratings } = size
  const slower = Math.max(size.seconds, size.secondSeconds)
  return [
    {
      what: `${says} (${whole(users)} users, ${whole(items)} rated items, ${whole(ratings)} ratings): process start to ready`,
      measured: `${short(size.seconds)} s, again ${short(size.secondSeconds)} s`,
      ...(size.isDemo && { goal: { says: `≤ ${goalSeconds} s`, met: slower <= goalSeconds } }),
      beside: `bare Fastify ${short(bareSeconds)} s, ratio ${short(slower / bareSeconds)}`,
    },
    {
      what: `${says}: resident memory once ready`,
      measured: `${megabytes(size.readyBytes)}, of it JavaScript heap ${megabytes(size.readyHeap)}`,
      beside: `bare Fastify ${megabytes(bareBytes)}, ratio ${short(size.readyBytes / bareBytes)}`,
    },
    {
      what: `${says}: after up to ${whole(requests)} recommendations`,
      measured: `${megabytes(size.loadedBytes)}, of it JavaScript heap ${megabytes(size.loadedHeap)}`,
    },
  ]
}

function growth(small: Size, large: Size | undefined): Measure[] {
  if (large === undefined) return []
  const grown = large.readyBytes - small.readyBytes
  return [
    {
      what: 'growth of resident memory once ready, from the one to the other',
      measured: `${megabytes(grown)}: ${whole(grown / (large.items - small.items))} bytes for each further item, if items were all that grew`,
      beside: `as users: ${whole(grown / (large.users - small.users))} bytes each; as ratings: ${whole(grown / (large.ratings - small.ratings))} bytes each`,
    },
  ]
}
