import { parentPort, workerData } from 'node:worker_threads'
import { readHistories } from '#batch/read-histories.ts'
import { trainModel } from '#batch/train.ts'
import { trainingSet, type TrainingSet } from '#batch/training-set.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import type { Config } from '../app/config-keys.ts'
import { loadConfig } from '../app/config.ts'
import { openEmbedded } from '../app/embedded.ts'
import { liveFaults } from '../app/live-faults.ts'
import type { Parts } from '../app/parts.ts'
import { solverOf } from '../app/solver-of.ts'

export interface TrainingWork {
  readonly folder: string
  readonly iterations: number
}

export interface TrainingTimes {
  readonly events: number
  readonly users: number
  readonly items: number
  readonly entries: number
  readonly decodeSeconds: number
  /** As a training reads, what the live fold puts aside passed over: once, and once more when the code is warm. */
  readonly readSeconds: readonly [first: number, again: number]
  readonly setSeconds: number
  readonly fits: readonly Fit[]
  readonly bareMultiplyAddsPerSecond: number
}

interface Fit {
  readonly threads: number
  /** The fastest: others are slower by what else the machine did. */
  readonly secondsPerIteration: number
  readonly multiplyAdds: number
}

const work: TrainingWork = workerData
const parts = await openEmbedded(loadConfig({ env: {}, flags: { dataDir: work.folder } }))
parentPort?.postMessage(await times(parts, work.iterations))
await parts.close()

async function times({ config, log, codec, settings }: Parts, iterations: number): Promise<TrainingTimes> {
  const bounds = await log.bounds('interactions')
  const events = bounds.reduce((sum, { start, end }) => sum + end - start, 0)
  let decoded = 0
  const decodeSeconds = await secondsOf(async () => {
    for (const { epoch, partition, start } of bounds) {
      for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
        for (const { value } of records) decoded += codec.decodeEvent('interactions', value).id.length > 0 ? 1 : 0
      }
    }
  })
  if (decoded !== events) throw new Error(`${decoded} events were decoded of ${events}`)
  const source = { log, codec, settings, ...liveFaults(settings) }
  const first = await secondsOf(async () => void (await readHistories(source)))
  const began = performance.now()
  const histories = await readHistories(source)
  const read = performance.now()
  const set = trainingSet(histories, settings)
  const done = performance.now()
  const fits: Fit[] = []
  for (const threads of [1, 2]) fits.push(await fit(config, set, threads, iterations))
  return {
    events,
    users: set.userIds.length,
    items: set.itemIds.length,
    entries: set.byUser.indices.length,
    decodeSeconds,
    readSeconds: [first, (read - began) / 1000],
    setSeconds: (done - read) / 1000,
    fits,
    bareMultiplyAddsPerSecond: bareMultiplyAdds(),
  }
}

async function fit(config: Config, set: TrainingSet, threads: number, iterations: number): Promise<Fit> {
  const solver = solverOf(config, threads)
  const settings = { ...factorSettings, iterations }
  const clock = { now: () => performance.now() }
  const { secondsPerIteration } = await trainModel({ solver, clock, set, settings, version: 'bench' })
  await solver.close()
  const { factors: k, cgSteps } = settings
  const { userIds, itemIds, byUser } = set
  // Conjugate gradient applies A once for the residual and once a step: 2k for an entry, k² for a row; then the Gramians.
  const applications = cgSteps + 1
  const entries = 2 * byUser.indices.length * 2 * k * applications
  const rows = (userIds.length + itemIds.length) * k * k * (applications + 0.5)
  return { threads, secondsPerIteration: Math.min(...secondsPerIteration), multiplyAdds: entries + rows }
}

/** Dot products of 64 numbers that stay in the first-level cache, in four sums that do not wait for each other. */
function bareMultiplyAdds(): number {
  const [k, rows, rounds] = [64, 64, 20_000]
  const matrix = Float32Array.from({ length: rows * k }, (_, i) => (i % 7) / 7)
  const vector = Float32Array.from({ length: k }, (_, i) => (i % 5) / 5)
  let best = 0
  for (let attempt = 0; attempt < 3; attempt++) {
    let sum = 0
    const began = performance.now()
    for (let round = 0; round < rounds; round++) {
      for (let row = 0; row < rows; row++) {
        const from = row * k
        let [a, b, c, d] = [0, 0, 0, 0]
        for (let i = 0; i < k; i += 4) {
          a += matrix[from + i]! * vector[i]!
          b += matrix[from + i + 1]! * vector[i + 1]!
          c += matrix[from + i + 2]! * vector[i + 2]!
          d += matrix[from + i + 3]! * vector[i + 3]!
        }
        sum += a + b + c + d
      }
    }
    const seconds = (performance.now() - began) / 1000
    if (sum > 0) best = Math.max(best, (rounds * rows * k) / seconds)
  }
  return best
}

async function secondsOf(act: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await act()
  return (performance.now() - began) / 1000
}
