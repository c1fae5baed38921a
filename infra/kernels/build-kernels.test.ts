import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildKernels } from './build-kernels.ts'

test('kernels.wasm is what its sources compile to (`npm run kernels` writes it)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kernels-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const built = join(folder, 'kernels.wasm')
  buildKernels(built)
  expect(readFileSync(built).equals(readFileSync(join(import.meta.dirname, 'kernels.wasm')))).toBe(true)
}, 60_000)
