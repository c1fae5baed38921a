import type { Bench } from '../bench.ts'
import { halfMethods } from './half-methods.ts'
import { ridges } from './ridges.ts'
import { scans } from './scans.ts'

export const kernelsBench: Bench = {
  name: 'kernels',
  title: 'Kernels',
  question:
    'What do the kernels in WebAssembly bring beside their readable twins; is an exact scan faster by int8 than in f32; and does a training get to the same loss sooner by conjugate gradient or by iALS++?',
  async run(context) {
    const { seed, say } = context
    const folder = process.env['MILLRACE_DATASETS'] ?? ''
    const measures = [...scans(seed, say), ...(folder === '' ? [] : await ridges(context, folder))]
    return {
      measures,
      ...(folder !== '' && { table: await halfMethods(folder, seed, say) }),
      bound:
        'scans: the way of the vectors from memory, of which int8 takes a quarter; regressions: multiply-adds in float64, two to an instruction; half-iterations: multiply-adds in float32, four to an instruction, and the way of the vectors of the other side',
      notes: [
        'Scans: top 100 of random vectors of about one length, so that none ends early; what int8 finds likely is scored again in f32 and in order, so the answers are those of the readable scan to the bit.',
        'Half-iterations: one thread, the default regularisation, every pair of confidence 10, all ways from the same first factors and by turns; seconds are those of the fastest iteration times the iterations it took. The lowest loss is that of the best way after the last iteration.',
      ],
    }
  },
}
