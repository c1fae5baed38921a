import { seededRandom } from '../math/random.ts'
import type { Factors } from '../ports/solver.ts'

/** Where training begins: entries normal with standard deviation 1/√k, drawn by Box and Muller's transform of the seed. */
export function initialFactors(rows: number, k: number, seed: number): Factors {
  const random = seededRandom(seed)
  const data = new Float32Array(rows * k)
  const scale = 1 / Math.sqrt(k)
  for (let i = 0; i < data.length; i += 2) {
    const radius = scale * Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    data[i] = radius * Math.cos(angle)
    if (i + 1 < data.length) data[i + 1] = radius * Math.sin(angle)
  }
  return { rows, k, data }
}
