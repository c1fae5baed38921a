import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Bench } from './bench.ts'
import { importArguments, runMillrace } from './command-line.ts'
import type { FoldTimes, FoldWork } from './fold-worker.ts'
import { rate, short } from './figures.ts'

export const foldBench: Bench = {
  name: 'fold',
  title: 'Fold and import',
  question:
    'How many events a second does the fold take from a backlog on LMDB, and the command line from a file? Beside them: the same reducers on rows that stay in memory as objects, and decoding alone.',
  async run({ data, say, folder }) {
    say('the fold of a backlog')
    const times = await timesOf({ folder: folder(), imports: data.imports })
    say('millrace import')
    const target = folder()
    let seconds = 0
    let read = 0
    for (const one of data.imports) {
      const run = await runMillrace([...importArguments(one), '--data', target])
      const report: { readonly read: number } = JSON.parse(run.stdout)
      read += report.read
      seconds += run.seconds
    }
    const { events } = times
    const foldRate = events / times.foldSeconds
    const memoryRate = events / times.memorySeconds
    const decodeRate = events / times.decodeSeconds
    return {
      measures: [
        {
          what: 'fold of a backlog on LMDB: rows, notices, checkpoints',
          measured: rate(foldRate, 1),
          beside: `reducers on rows in memory ${rate(memoryRate, 1)}, ratio ${short(foldRate / memoryRate)}; decoding alone ${rate(decodeRate, 1)}, ratio ${short(foldRate / decodeRate)}`,
        },
        {
          what: 'check and append of a file to the log, without the fold',
          measured: rate(events, times.appendSeconds),
          beside: `ratio to the fold ${short(events / times.appendSeconds / foldRate)}`,
        },
        {
          what: '`millrace import`, the process and its fold to the end included',
          measured: `${rate(read, seconds)} in ${short(seconds)} s`,
          beside: `ratio to the fold ${short(read / seconds / foldRate)}`,
        },
      ],
      bound:
        'encoding and decoding whole rows: an event changes a head and up to four item rows, each written once a batch however often it changed; larger batches write less, and later',
    }
  },
}

/** On a thread of its own, with nothing else in its heap. */
async function timesOf(work: FoldWork): Promise<FoldTimes> {
  const worker = new Worker(new URL('./fold-worker.ts', import.meta.url), { workerData: work })
  const [times]: FoldTimes[] = await once(worker, 'message')
  if (times === undefined) throw new Error('the folding thread said nothing')
  return times
}
