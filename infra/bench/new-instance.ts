import { setTimeout as after } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { startMillrace } from './command-line.ts'
import { short, whole } from './figures.ts'
import { generateShop } from './generated-folder.ts'
import { parseScrape, total, type Scrape } from './server/scrape.ts'

const items = 200_000
const factors = 64
const goalSeconds = 10

export const newInstanceBench: Bench = {
  name: 'new-instance',
  title: 'A new serving instance',
  question: `How long until a process over ${whole(items)} generated items says that it is ready: from the rows alone, building the graph of its index, and from a base in the blob store?`,
  async run({ say, seed, folder }) {
    const dataDir = folder()
    say(`generating ${whole(items)} items`)
    await generateShop(dataDir, { items, factors, seed })
    say('starting from the rows')
    const scanning = await startMillrace(dataDir)
    const answers = await answersOf(scanning.url)
    say('waiting for the bases')
    const writing = await untilWritten(scanning.url)
    await scanning.stop()
    say('starting from the bases')
    const first = await startMillrace(dataDir)
    const same = sharedBy(answers, await answersOf(first.url))
    await first.stop()
    const second = await startMillrace(dataDir)
    await second.stop()
    const slower = Math.max(first.seconds, second.seconds)
    return {
      measures: [
        {
          what: 'process start to ready, all rows read and the graph built',
          measured: `${short(scanning.seconds)} s`,
        },
        {
          what: 'process start to ready, items and graph from the blob store',
          measured: `${short(first.seconds)} s, again ${short(second.seconds)} s`,
          goal: { says: `≤ ${goalSeconds} s`, met: slower <= goalSeconds },
          beside: `ratio ${(slower / scanning.seconds).toPrecision(2)}`,
        },
        {
          what: 'lists of similar items that are the same from either',
          measured: `${same} of ${answers.length}`,
        },
        {
          what: 'until both bases were written, after the process was ready',
          measured: `${short(writing.seconds)} s`,
          beside: `longest hold-up of the event loop meanwhile ${short(1000 * writing.longest)} ms, half of all below ${short(1000 * writing.median)} ms`,
        },
      ],
      bound:
        'from the bases: decoding each item and putting it into the lists, the terms and the co-views in memory, which is the same work whatever the items come from; from the rows: decoding and merging the statistics of every source partition, and above all the graph',
      notes: [
        `Generated: titles of 4 words and descriptions of 25, 2 statistics rows an item with 30 co-views each, ${factors} factors. The folder is on the machine's own disk; on a cluster the rows come from Cassandra, which takes longer, and the bases from S3.`,
        'The process is all of `millrace standalone`, with ingest and the fold.',
      ],
    }
  },
}

async function scrapeOf(url: string): Promise<Scrape> {
  return parseScrape(await (await fetch(`${url}/metrics`)).text())
}

/** The hold-ups are those between two looks at the metrics. */
async function untilWritten(url: string): Promise<{ seconds: number; longest: number; median: number }> {
  const began = performance.now()
  const lags: { readonly longest: number; readonly median: number }[] = []
  await scrapeOf(url)
  for (;;) {
    await after(500)
    const scrape = await scrapeOf(url)
    lags.push({
      longest: total(scrape, 'nodejs_eventloop_lag_max_seconds'),
      median: total(scrape, 'nodejs_eventloop_lag_p50_seconds'),
    })
    const written = (of: string) => total(scrape, 'millrace_bases_written_total', { of })
    if (written('items') > 0 && written('graph') > 0) break
  }
  return {
    seconds: (performance.now() - began) / 1000,
    longest: Math.max(...lags.map(({ longest }) => longest)),
    median: lags.map(({ median }) => median).sort((a, b) => a - b)[lags.length >> 1]!,
  }
}

async function answersOf(url: string): Promise<string[]> {
  const answers: string[] = []
  for (let n = 0; n < items; n += items / 50) {
    const answer = await fetch(`${url}/v1/items/item-${String(n).padStart(7, '0')}/similar?limit=20`)
    const { items: similar }: { readonly items: readonly { readonly itemId: string }[] } = await answer.json()
    answers.push(similar.map(({ itemId }) => itemId).join())
  }
  return answers
}

function sharedBy(a: readonly string[], b: readonly string[]): number {
  return a.filter((answer, i) => answer === b[i] && answer !== '').length
}
