import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Bench } from './bench.ts'
import { runMillrace } from './command-line.ts'
import { besideImplicit } from './implicit/beside-implicit.ts'
import { rate, short, whole } from './figures.ts'
import type { TrainingTimes, TrainingWork } from './training-worker.ts'

export const trainBench: Bench = {
  name: 'train',
  title: 'Training',
  question:
    'How long does it take to make the training set from the log and to fit 64 factors to it, with 1 thread and with 2? Beside it: the same multiply-adds in a loop of plain JavaScript that does nothing else; and, on the same matrices from the same first factors, the Python library implicit with its native conjugate gradient.',
  async run(context) {
    const folder = await context.filledFolder()
    context.say('reading and fitting')
    const times = await timesOf({ folder, iterations: 3 })
    context.say('millrace train')
    const { seconds, stdout } = await runMillrace(['train', '--data', folder, '--no-publish', '--json'])
    const report: { readonly secondsPerIteration: readonly number[] } = JSON.parse(stdout)
    const table = await besideImplicit(context, process.env['MILLRACE_DATASETS'])
    const [one, two] = times.fits
    const [first, again] = times.readSeconds
    const size = `${whole(times.users)} users, ${whole(times.items)} items, ${whole(times.entries)} entries`
    return {
      measures: [
        {
          what: 'training set from the log: read, decode, fold to histories',
          measured: `${short(first)} s, ${rate(times.events, first)}; again ${short(again)} s, ${rate(times.events, again)}`,
          goal: { says: '≥ 300,000/s', met: times.events / again >= 300_000 },
          beside: `decoding the events to objects, and nothing else, ${rate(times.events, times.decodeSeconds)}, ratio ${short(times.decodeSeconds / again)}`,
        },
        { what: `histories to sparse rows both ways (${size})`, measured: `${short(times.setSeconds)} s` },
        ...times.fits.map(({ threads, secondsPerIteration, multiplyAdds }) => ({
          what: `one iteration, 64 factors, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
          measured: `${short(secondsPerIteration)} s, ${short(multiplyAdds / secondsPerIteration / 1e9)} G multiply-adds/s`,
          beside: `bare loop on one thread ${short(times.bareMultiplyAddsPerSecond / 1e9)} G/s, ratio ${short(multiplyAdds / secondsPerIteration / times.bareMultiplyAddsPerSecond)}`,
        })),
        {
          what: '2 threads against 1',
          measured: `${short((one?.secondsPerIteration ?? NaN) / (two?.secondsPerIteration ?? NaN))} times as fast`,
        },
        {
          what: `\`millrace train\`: fold check, gate and fit (${report.secondsPerIteration.length} iterations of the second fit)`,
          measured: `${short(seconds)} s`,
        },
      ],
      bound:
        'multiply-adds: each entry costs one pass over k numbers twice in every conjugate gradient step, each row a pass over the k × k Gramian; and, where the other side is larger than the caches, the way of its vectors from memory',
      notes: [
        'Beside implicit: k factors, α0 = 1, λ 0.1, every pair of confidence 39 in both, 3 steps of conjugate gradient, users first from zero; the fastest iteration of each, run by turns. A fifth of the rated pairs is held out, told by a hash; NDCG@10 over 2,000 users, all unseen items ranked. Equal losses mean that both did the same work. Memory is the whole of the workspace against sparse rows both ways and factors.',
      ],
      table,
    }
  },
}

/** On a thread of its own: the solver's threads answer to it, and nothing else runs there. */
async function timesOf(work: TrainingWork): Promise<TrainingTimes> {
  const worker = new Worker(new URL('./training-worker.ts', import.meta.url), { workerData: work })
  const [times]: TrainingTimes[] = await once(worker, 'message')
  if (times === undefined) throw new Error('the training thread said nothing')
  return times
}
