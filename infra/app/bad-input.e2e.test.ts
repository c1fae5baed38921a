import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runMillrace } from './proof/millrace-process.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

const one = (userId: string, itemId: string, id?: string) => JSON.stringify({ userId, itemId, occurredAt: 1.6e12, id })

const many = (line: (n: number) => string) => Array.from({ length: 30 }, (_, n) => line(n))

/** Logs that nothing can be fitted to, and why. */
const hopeless: readonly [what: string, lines: readonly string[], reason: string][] = [
  ['an empty log', [], 'the log holds no interactions that count'],
  ['a log of one user', many((n) => one('ada', `lamp-${n}`)), 'all interactions are of one user'],
  ['a log of one item', many((n) => one(`user-${n}`, 'lamp')), 'all interactions are about one item'],
  [
    'a log of one event again and again',
    many(() => one('ada', 'lamp', 'the same')),
    'all interactions are of one user',
  ],
]

describe.each(hopeless)('On %s', (_, lines, reason) => {
  it('train and evaluate say in one line why they cannot', async () => {
    await using folder = await temporaryFolder()
    const data = join(folder.path, 'data')
    const file = join(folder.path, 'events.jsonl')
    writeFileSync(file, `${lines.join('\n')}\n`)
    if (lines.length > 0) {
      const args = ['import', file, '--as', 'interactions', '--type', 'like', '--data', data]
      await runMillrace(args)
    }
    const trained = await runMillrace(['train', '--data', data, '--json'])
    expect(trained).toMatchObject({ code: 1, stdout: '' })
    expect(lastLine(trained.stderr)).toBe(`millrace: cannot train: ${reason} [training-impossible]`)
    const judged = await runMillrace(['evaluate', '--data', data, '--json', '--protocol', 'random-holdout'])
    expect(judged).toMatchObject({ code: 1, stdout: '' })
    expect(lastLine(judged.stderr)).toMatch(/^millrace: cannot (train|evaluate): .* \[training-impossible\]$/)
  })
})

it('Values that are no numbers and ids of 10 kB are rejected by line, field and reason; the rest is taken', async () => {
  await using folder = await temporaryFolder()
  const data = join(folder.path, 'data')
  const file = join(folder.path, 'ratings.csv')
  const rejects = join(folder.path, 'rejects.jsonl')
  const long = 'x'.repeat(10_240)
  const lines = ['user,item,value', 'ann,lamp,NaN', 'bob,lamp,Infinity', 'cid,lamp,', 'dan,lamp,3', `${long},lamp,3`]
  writeFileSync(file, `${[...lines, `dan,${long},4`, 'eve,desk,5'].join('\n')}\n`)
  const map = ['--header', '--map', 'user=user,item=item,value=value']
  const into = ['--data', data, '--rejects', rejects, '--json']
  const { code, stdout } = await runMillrace([
    'import',
    file,
    '--as',
    'interactions',
    '--type',
    'rating',
    ...map,
    ...into,
  ])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ read: 7, accepted: 2, rejected: 5 })
  const written = readFileSync(rejects, 'utf8').trimEnd().split('\n')
  expect(written.map((line): unknown => JSON.parse(line))).toMatchObject([
    { line: 2, field: 'value', message: "'NaN' is no number" },
    { line: 3, field: 'value', message: "'Infinity' is no number" },
    { line: 4, field: 'value', message: "is missing, and 'rating' needs one" },
    { line: 6, field: 'user', message: 'must be at most 256 bytes long' },
    { line: 7, field: 'item', message: 'must be at most 256 bytes long' },
  ])
  const trained = await runMillrace(['train', '--data', data, '--json', '--no-publish'])
  expect(trained.code).toBe(0)
  const report = JSON.parse(trained.stdout)
  expect(report).toMatchObject({ users: 2, items: 2, interactions: 2 })
  expect(report.loss.every(Number.isFinite)).toBe(true)
})

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
