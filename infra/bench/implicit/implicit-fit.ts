import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { download, pythonPackages } from '#infra/servers/downloads.ts'
import type { Factors, Interactions } from '#schemas/ports/solver.ts'
import type { Fitted, FitOrder } from './own-fit.ts'

const run = promisify(execFile)
const packages = pythonPackages('implicit-0.7.3', ['implicit==0.7.3'])

/** The Python library implicit in a virtual environment of its own below `cache`, fetched at its first use. */
export async function implicitPython(cache: string): Promise<string> {
  return join(await download(packages, cache), 'bin/python')
}

/**
 * The same fit by implicit. It weighs an entry α in the right side and α − 1 in the matrix, so its optimum is ours with all
 * factors √t times as long, t = α / (α − 1), for entries of α − 1 and λ / t: it is asked in its own terms and answers in
 * ours. What it is given lies in `folder`.
 */
export async function implicitFit(python: string, folder: string, order: FitOrder): Promise<Fitted> {
  const { matrix, first, lambda, confidence, iterations, threads, cgSteps } = order
  const alpha = confidence + 1
  const t = alpha / confidence
  writeMatrix(folder, matrix)
  writeFileSync(join(folder, 'first-items'), new Uint8Array(scaled(first.data, Math.sqrt(t)).buffer))
  const told = { users: matrix.rows, items: matrix.columns, factors: first.k, alpha, regularization: lambda * t }
  writeFileSync(join(folder, 'order.json'), JSON.stringify({ ...told, iterations, threads, cgSteps }))
  const { stdout } = await run(python, [join(import.meta.dirname, 'fit.py'), folder], {
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
  })
  const secondsPerIteration: number[] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  const read = (name: string, rows: number): Factors => {
    const { buffer, byteOffset } = readFileSync(join(folder, name))
    const data = new Float32Array(buffer, byteOffset, rows * first.k)
    return { rows, k: first.k, data: scaled(data, 1 / Math.sqrt(t)) }
  }
  return { secondsPerIteration, users: read('users', matrix.rows), items: read('items', matrix.columns) }
}

function writeMatrix(folder: string, { starts, indices }: Interactions): void {
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries({ starts, indices })) {
    writeFileSync(join(folder, name), new Uint8Array(buffer, byteOffset, byteLength))
  }
}

function scaled(values: Float32Array, factor: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(values, (value) => value * factor)
}
