import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Study, TrialRecord } from '#batch/tuning/study.ts'
import { defaultTrainingSettings, factorSettings } from '#schemas/models/training-settings.ts'
import { trialFile } from './trial-file.ts'

const study: Study = {
  protocol: 'time-split',
  fraction: 0.2,
  seed: 7,
  trials: 9,
  base: defaultTrainingSettings,
  entries: 100,
}

function record(trial: number): TrialRecord {
  return { trial, round: 0, settings: factorSettings, ndcg: trial / 10, seconds: 1 }
}

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-trials-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'deeper', 'trials.jsonl')
}

it('Trials of an earlier run are known to the next, but for a line that was cut', () => {
  const path = temporaryPath()
  const first = trialFile(path)
  expect(first.open(study)).toEqual([])
  first.add(record(0))
  first.add(record(1))
  appendFileSync(path, '{"trial":2,"rou')
  const second = trialFile(path)
  expect(second.open(study)).toEqual([record(0), record(1)])
  second.add(record(2))
  expect(trialFile(path).open(study)).toEqual([record(0), record(1), record(2)])
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5)
})

it('A file of another study is refused and left as it is', () => {
  const path = temporaryPath()
  trialFile(path).open(study)
  const before = readFileSync(path, 'utf8')
  expect(() => trialFile(path).open({ ...study, entries: 101 })).toThrow(expect.objectContaining({ code: 'conflict' }))
  expect(readFileSync(path, 'utf8')).toBe(before)
})

it('A file that is no journal is refused', () => {
  const path = temporaryPath()
  trialFile(path).open(study)
  appendFileSync(path, '{}\n')
  expect(() => trialFile(path).open(study)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})
