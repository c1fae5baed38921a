import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Bench } from './bench.ts'
import { withSection, writeResult } from './results-file.ts'

it('A section is replaced in place and the others are kept byte for byte', () => {
  const before = withSection(withSection(withSection('# Results\n', 'a', 'first'), 'ab', 'second'), 'c', 'third')
  const after = withSection(before, 'ab', 'anew: $& $1\n\n')
  expect(after).toBe(before.replace('second', () => 'anew: $& $1'))
  expect(withSection(after, 'ab', 'second')).toBe(before)
})

it('A section that is not there is added at the end', () => {
  expect(withSection('# Results\n', 'a', 'first')).toBe('# Results\n\n<!-- bench a -->\nfirst\n<!-- end of a -->\n')
})

it('The file is made when it is not there, and says whether a goal was met', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-results-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'RESULTS.md')
  const bench: Bench = {
    name: 'hop',
    title: 'Hop',
    question: 'How high?',
    run: () => Promise.reject(new Error('it is not run')),
  }
  const finding = {
    bound: 'gravity',
    measures: [
      { what: 'height', measured: '2 m', goal: { says: '≥ 1 m', met: true }, beside: 'a flea: 1 m, ratio 2' },
      { what: 'width', measured: '0 m', goal: { says: '≥ 1 m', met: false } },
    ],
  }
  writeResult(path, bench, finding, { machine: 'legs', data: 'none', seed: 7, date: '2026-01-01' })
  const text = readFileSync(path, 'utf8')
  expect(text).toContain('| height | 2 m | ≥ 1 m: met | a flea: 1 m, ratio 2 |')
  expect(text).toContain('| width | 0 m | ≥ 1 m: **missed** |  |')
  expect(text).toContain('- Data: none; seed 7')
})
