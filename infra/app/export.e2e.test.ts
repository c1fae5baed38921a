import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runMillrace } from './proof/millrace-process.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'
import { checkerboardLines } from './training/training.fixture.ts'

it('millrace export interactions writes the whole of a data folder as Parquet, and says that it agrees with the rows', async () => {
  await using folder = await temporaryFolder()
  const data = join(folder.path, 'data')
  const likes = join(folder.path, 'likes.jsonl')
  writeFileSync(likes, checkerboardLines(40, 20))
  const imported = await runMillrace(['import', likes, '--as', 'interactions', '--type', 'like', '--data', data])
  expect(imported.code).toBe(0)

  const out = join(folder.path, 'out')
  const first = await runMillrace(['export', 'interactions', out, '--data', data])
  expect(first).toMatchObject({
    code: 0,
    stdout: `360 interactions of 40 users on 20 items in 1 file = 360 folded; the rows of 40 users agree: balanced\n`,
  })
  expect(readdirSync(out).toSorted()).toEqual(['_export.json', 'part-00000.parquet'])
  expect(JSON.parse(readFileSync(join(out, '_export.json'), 'utf8'))).toMatchObject({ rows: 360, heldOut: 40 })

  const again = await runMillrace(['export', 'interactions', out, '--data', data])
  expect(again.code).toBe(1)
  expect(again.stderr).toMatch(/is not empty: an export needs a folder of its own \[conflict\]\n$/)
  const other = ['export', 'interactions', join(folder.path, 'other'), '--data', data, '--json', '--holdout']
  expect(JSON.parse((await runMillrace([...other, 'random'])).stdout)).toMatchObject({ rows: 360, balanced: true })
  expect((await runMillrace([...other, 'oldest'])).stderr).toMatch(
    /--holdout must be newest or random \[invalid-input\]\n$/,
  )
})
