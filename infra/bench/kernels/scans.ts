import { kernelModule } from '#infra/kernels/kernel-module.ts'
import { wasmScan } from '#infra/kernels/wasm-scan.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { reachOf, scanTopK, type ScanTopK } from '#schemas/math/top-k.ts'
import { workspace } from '#schemas/math/workspace.ts'
import type { Measure } from '../bench.ts'
import { rate, whole } from '../figures.ts'
import { percentiles } from '../percentiles.ts'

const shapes = [
  { count: 19_498, k: 64 },
  { count: 100_000, k: 64 },
  { count: 100_000, k: 128 },
] as const
const best = 100
const queries = 60
/** Until every block is quantised. */
const warmUp = 60

/**
 * The exact best 100 of random vectors of about one length, so that no scan ends early: by the readable scan, in f32, and as
 * int8 with f32 for what might be among the best; all three by turns, the answers compared to the bit.
 */
export function scans(seed: number, say: (line: string) => void): Measure[] {
  const module = kernelModule()
  if (module === undefined) throw new Error('this Node.js cannot run the kernels')
  return shapes.map(({ count, k }) => {
    say(`scans of ${whole(count)} × ${k}`)
    const random = seededRandom(seed)
    const vectors = workspace().floats(count * k)
    for (let i = 0; i < vectors.length; i++) vectors[i] = random() + random() + random() - 1.5
    const reach = reachOf(
      Float64Array.from({ length: count }, (_, row) => Math.hypot(...vectors.subarray(row * k, (row + 1) * k))),
    )
    const all: Record<'twin' | 'f32' | 'int8', ScanTopK> = {
      twin: scanTopK,
      f32: wasmScan(module, { quantise: false }),
      int8: wasmScan(module),
    }
    const query = () => Float32Array.from({ length: k }, () => random() + random() + random() - 1.5)
    for (let n = 0; n < warmUp; n++) all.int8(query(), vectors, count, best, undefined, reach)
    const times = { twin: [] as number[], f32: [] as number[], int8: [] as number[] }
    let different = 0
    for (let n = 0; n < queries; n++) {
      const asked = query()
      const answers = (['twin', 'f32', 'int8'] as const).map((name) => {
        const began = performance.now()
        const { rows, scores } = all[name](asked, vectors, count, best, undefined, reach)
        times[name].push(performance.now() - began)
        return `${rows.join()} ${scores.join()}`
      })
      if (answers.some((answer) => answer !== answers[0])) different++
    }
    const [twin, f32, int8] = [times.twin, times.f32, times.int8].map((of) => percentiles(of).p50)
    return {
      what: `the best ${best} of ${whole(count)} × ${k}, one thread, p50 of ${queries}`,
      measured: `int8 ${int8!.toFixed(2)} ms (${rate(count, int8! / 1000)} vectors), f32 ${f32!.toFixed(2)} ms`,
      goal: { says: 'the same answers', met: different === 0 },
      beside: `int8 ${(f32! / int8!).toFixed(2)} times as fast as f32; the readable scan ${twin!.toFixed(2)} ms, ${(twin! / int8!).toFixed(1)} times as long as int8`,
    }
  })
}
