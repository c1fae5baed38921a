import { join } from 'node:path'
import { buildKernels } from './build-kernels.ts'

buildKernels(join(import.meta.dirname, 'kernels.wasm'))
