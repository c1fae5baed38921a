import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench, BenchContext } from '../bench.ts'
import { rate, short, whole } from '../figures.ts'
import { appendGenerated } from './generated-log.ts'
import type { ScaleTimes } from './train-log.ts'

const run = promisify(execFile)
const iterations = 3

/** Sizes by default; `MILLRACE_SCALE_MILLIONS=2,5` for others. */
const millions = [2, 5, 10, 20]

export const scaleBench: Bench = {
  name: 'scale',
  title: 'Training at scale',
  question:
    'How do the time and the memory of a whole training grow with the interactions on the log: reading and folding it to histories, the gate’s fit and judgement, the fit to everything, with 64 factors and 2 threads?',
  async run(context) {
    const sizes = process.env['MILLRACE_SCALE_MILLIONS']?.split(',').map(Number) ?? millions
    const found = await timesAt(context, sizes)
    const rows = found.map(({ events, times }) => rowOf(events, times))
    const [first, last] = [found[0], found.at(-1)]
    const times = (pick: (one: ScaleTimes) => number) =>
      first === undefined || last === undefined ? '' : `${short(pick(last.times) / pick(first.times))} times`
    return {
      measures: [
        {
          what: `the largest against the smallest, ${short((last?.events ?? NaN) / (first?.events ?? NaN))} times as many events`,
          measured: `${times(({ seconds }) => seconds)} the time, ${times(({ peakBytes }) => peakBytes)} the memory`,
        },
      ],
      bound:
        'one partition of the log folded on one thread, an event after the other; memory is the histories in columns, sparse rows both ways for the whole and for the gate’s part, and the rows of one partition as objects while it is read',
      notes: [
        `Generated likes of 138,000 users on 27,000 items, a few of which have most of them; ${iterations} iterations at most in each of the two fits. A user’s last 1,000 events count. Each size is a process of its own; the log is that of the size before with more at its end. The rows are not folded: a training reads the log alone.`,
      ],
      table: {
        head: ['events', 'pairs', 'read, s', 'events/s', 's an iteration', 'whole, s', 'peak, GB', 'bytes a pair'],
        rows,
      },
    }
  },
}

async function timesAt(context: BenchContext, sizes: readonly number[]) {
  const dataDir = context.folder()
  mkdirSync(dataDir)
  const found: { readonly events: number; readonly times: ScaleTimes }[] = []
  let from = 0
  for (const size of sizes) {
    const to = size * 1e6
    context.say(`appending up to ${whole(to)}`)
    await appendGenerated({ dataDir, seed: context.seed, from, to })
    from = to
    context.say(`training on ${whole(to)}`)
    const { stdout } = await run(process.execPath, [
      join(import.meta.dirname, 'train-log.ts'),
      dataDir,
      String(iterations),
    ])
    found.push({ events: to, times: JSON.parse(stdout) })
  }
  return found
}

function rowOf(events: number, times: ScaleTimes): string[] {
  const { interactions, readSeconds, seconds, secondsPerIteration, peakBytes } = times
  return [
    whole(events),
    whole(interactions),
    short(readSeconds),
    rate(events, readSeconds),
    short(secondsPerIteration),
    short(seconds),
    short(peakBytes / 1e9),
    whole(peakBytes / interactions),
  ]
}
