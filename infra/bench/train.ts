import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Bench } from './bench.ts'
import { runMillrace } from './command-line.ts'
import { rate, short, whole } from './figures.ts'
import type { TrainingTimes, TrainingWork } from './training-worker.ts'

export const trainBench: Bench = {
  name: 'train',
  title: 'Training',
  question:
    'How long does it take to make the training set from the log and to fit 64 factors to it, with 1 thread and with 2? Beside it: the same multiply-adds in a loop that does nothing else.',
  async run(context) {
    const folder = await context.filledFolder()
    context.say('reading and fitting')
    const times = await timesOf({ folder, iterations: 3 })
    context.say('millrace train')
    const { seconds, stdout } = await runMillrace(['train', '--data', folder, '--no-publish', '--json'])
    const report: { readonly secondsPerIteration: readonly number[] } = JSON.parse(stdout)
    const [one, two] = times.fits
    const size = `${whole(times.users)} users, ${whole(times.items)} items, ${whole(times.entries)} entries`
    return {
      measures: [
        {
          what: 'training set from the log: read, decode, fold to histories',
          measured: `${short(times.readSeconds)} s, ${rate(times.events, times.readSeconds)}`,
          beside: `decoding the events alone ${rate(times.events, times.decodeSeconds)}, ratio ${short(times.decodeSeconds / times.readSeconds)}`,
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
        'multiply-adds of plain JavaScript without SIMD: each entry costs one pass over 64 numbers twice in every conjugate gradient step, each row a pass over the 64 × 64 Gramian',
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
