import { loadConfig } from '../../app/config.ts'
import { openEmbedded } from '../../app/embedded.ts'
import { solverOf } from '../../app/solver-of.ts'
import { ownerOf, train, trainingSettingsOf } from '../../app/training.ts'

/** What a training of the whole log took, gate included; as JSON on standard output. */
export interface ScaleTimes {
  readonly users: number
  readonly items: number
  /** Pairs of a user and an item. */
  readonly interactions: number
  readonly readSeconds: number
  readonly seconds: number
  /** The fastest of the fit to everything. */
  readonly secondsPerIteration: number
  /** Of the process. */
  readonly peakBytes: number
}

// A process of its own, as `millrace train` is: its peak is the training's.
const [dataDir = '', iterations = ''] = process.argv.slice(2)
const config = loadConfig({ env: {}, flags: { dataDir, iterations: Number(iterations), threads: 2 } })
const parts = await openEmbedded(config)
const solver = solverOf(config, config.threads)
const began = performance.now()
let read = began
const choices = {
  settings: trainingSettingsOf(config),
  foldSettings: parts.settings,
  rows: parts.rows,
  publish: false,
  ranks: false,
  owner: ownerOf(config),
}
const report = await train({ ...parts, solver }, choices, ({ stage }) => {
  if (stage === 'reading') read = performance.now()
})
const { users, items, interactions, peakBytes, secondsPerIteration } = report
const times: ScaleTimes = {
  users,
  items,
  interactions,
  peakBytes,
  readSeconds: (read - began) / 1000,
  seconds: (performance.now() - began) / 1000,
  secondsPerIteration: Math.min(...secondsPerIteration),
}
console.log(JSON.stringify(times))
await solver.close()
await parts.close()
