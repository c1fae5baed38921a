import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const here = import.meta.dirname
const compiler = join(here, '../../node_modules/assemblyscript/bin/asc.js')

const flags = [
  '-O3 --converge --noAssert --runtime stub --use abort= --disableWarning',
  '--importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536',
  '--enable simd --enable threads --enable relaxed-simd',
].flatMap((line) => line.split(' '))

/**
 * Compiles `assembly/` into the file: the same bytes for the same version of the compiler. Memory is imported and shared;
 * there is no runtime, no data segment and no check, for nothing is allocated. Throws what the compiler says.
 */
export function buildKernels(outFile: string): void {
  execFileSync(process.execPath, [compiler, join(here, 'assembly/index.ts'), '--outFile', outFile, ...flags])
}
