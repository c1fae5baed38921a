import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench, BenchContext } from '../bench.ts'
import { rate, short, whole } from '../figures.ts'
import { appendGenerated } from './generated-log.ts'
import type { ScaleTimes } from './train-log.ts'

const run = promisify(execFile)
const iterations = 3

/** Sizes by default, ascending; `MILLRACE_SCALE_MILLIONS=2,5` for others. */
const millions = [2, 5, 10, 20]

/** No size is begun after so many minutes; the next run goes on from there, and once all are there it begins anew. */
const minutes = Number(process.env['MILLRACE_SCALE_MINUTES'] ?? Infinity)

const shelf = join(import.meta.dirname, '../../../.bench')

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
        'the log is read and folded on one thread, an event after the other; memory is the histories in columns (30 bytes an event), sparse rows both ways for the whole and for the gate’s part, and what was counted on one partition while it is read',
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

interface Found {
  readonly events: number
  readonly times: ScaleTimes
}

async function timesAt(context: BenchContext, sizes: readonly number[]): Promise<readonly Found[]> {
  const folder = join(shelf, `scale-${context.seed}`)
  const file = join(folder, 'found.json')
  const dataDir = join(folder, 'data')
  const known: Found[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  const isDone = sizes.every((size) => known.some(({ events }) => events === size * 1e6))
  if (isDone) rmSync(folder, { recursive: true })
  const found = isDone ? [] : known
  mkdirSync(dataDir, { recursive: true })
  const began = performance.now()
  for (const size of sizes) {
    const to = size * 1e6
    if (found.some(({ events }) => events === to)) continue
    if (performance.now() - began > minutes * 60_000) break
    context.say(`appending up to ${whole(to)}`)
    await appendGenerated({ dataDir, seed: context.seed, to })
    context.say(`training on ${whole(to)}`)
    const args = [join(import.meta.dirname, 'train-log.ts'), dataDir, String(iterations)]
    const { stdout } = await run(process.execPath, args)
    found.push({ events: to, times: JSON.parse(stdout) })
    writeFileSync(file, JSON.stringify(found))
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
