import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { benchData } from './bench-data.ts'
import { cassandraBench } from './cassandra.ts'
import { coldstartBench } from './coldstart/coldstart.ts'
import { clusterBench } from './cluster/cluster.ts'
import { dislikesBench } from './dislikes/dislikes.ts'
import { faultsBench } from './faults/faults.ts'
import { copyFolder, filledFolder } from './filled-folder.ts'
import { foldBench } from './fold.ts'
import { freshnessBench } from './freshness.ts'
import { gatewayBench } from './gateway.ts'
import { ingestBench } from './ingest.ts'
import { kafkaBench } from './kafka.ts'
import { kernelsBench } from './kernels/kernels.ts'
import { lmdbBench } from './lmdb.ts'
import { machine } from './machine.ts'
import { newInstanceBench } from './new-instance.ts'
import { qualityBench } from './quality/quality.ts'
import { rankerBench } from './ranker/ranker.ts'
import { recommendBench } from './recommend.ts'
import { writeResult } from './results-file.ts'
import { scaleBench } from './scale/scale.ts'
import { startBench } from './start.ts'
import { switchBench } from './switch.ts'
import { trainBench } from './train.ts'

const benches: readonly Bench[] = [
  ingestBench,
  freshnessBench,
  recommendBench,
  startBench,
  newInstanceBench,
  switchBench,
  trainBench,
  kernelsBench,
  scaleBench,
  qualityBench,
  coldstartBench,
  rankerBench,
  dislikesBench,
  foldBench,
  lmdbBench,
  gatewayBench,
  cassandraBench,
  kafkaBench,
  faultsBench,
  clusterBench,
]
const seed = 7
const root = join(import.meta.dirname, '../..')
const results = join(import.meta.dirname, 'RESULTS.md')

await runNamed(process.argv.slice(2))

/** `npm run bench -- NAME…`; all of them without a name. */
async function runNamed(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => benches.every((bench) => bench.name !== name))
  if (unknown.length > 0) {
    console.error(`no bench ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}`)
    process.exitCode = 1
    return
  }
  for (const bench of benches) if (names.length === 0 || names.includes(bench.name)) await runOne(bench)
}

async function runOne(bench: Bench): Promise<void> {
  const say = (line: string) => console.error(`${bench.name}: ${line}`)
  const data = benchData(process.env['MILLRACE_DATASETS'])
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  let folders = 0
  const folder = () => join(scratch, String(folders++))
  const circumstances = {
    machine: machine(),
    data: data.says,
    seed,
    date: new Date().toISOString().slice(0, 10),
  }
  try {
    const finding = await bench.run({
      data,
      seed,
      say,
      folder,
      filledFolder: async (wanted = data) =>
        copyFolder(await filledFolder(join(root, '.bench'), wanted, say), folder()),
    })
    writeResult(results, bench, finding, circumstances)
    for (const { what, measured, goal, beside } of finding.measures) {
      const judged = goal === undefined ? '' : ` (${goal.says}: ${goal.met ? 'met' : 'missed'})`
      console.log(`${bench.name}: ${what}: ${measured}${judged}${beside === undefined ? '' : `; ${beside}`}`)
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
