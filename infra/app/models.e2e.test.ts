import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runMillrace } from './proof/millrace-process.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'
import { checkerboard } from './training/training.fixture.ts'

const env = { MILLRACE_FACTORS: '8', MILLRACE_ITERATIONS: '4' }

describe('The commands about models', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let data: readonly string[] = []
  beforeAll(async () => {
    folder = await temporaryFolder()
    data = ['--data', join(folder.path, 'timed')]
    await importCheckerboard(folder.path, 'timed', true)
  })
  afterAll(() => folder[Symbol.asyncDispose]())

  async function jsonOf(args: readonly string[]) {
    const { code, stdout, stderr } = await runMillrace([...args, ...data, '--json'], { env })
    expect({ code, stderr: stderr.match(/^millrace:.*/gm) }).toEqual({ code: 0, stderr: null })
    return JSON.parse(stdout)
  }

  it('train, report what was fitted, and publish only when wanted', async () => {
    const shape = {
      users: 40,
      items: 20,
      secondsPerIteration: expect.arrayContaining([expect.any(Number)]),
      loss: expect.arrayContaining([expect.any(Number)]),
      peakBytes: expect.any(Number),
      version: expect.any(String),
      metrics: { 'ndcg@10': expect.any(Number), 'popularity.ndcg@10': expect.any(Number) },
    }
    expect(await jsonOf(['train', '--no-publish'])).toMatchObject({ ...shape, published: false })
    expect(await jsonOf(['models', 'list'])).toEqual([])
    expect(await jsonOf(['train'])).toMatchObject({ ...shape, published: true })
  })

  it('go back to the model before', async () => {
    const { version: second } = await jsonOf(['train'])
    const before = await jsonOf(['models', 'list'])
    expect(before).toMatchObject([{ version: second, state: 'serving' }, { state: 'published' }])
    const { code, stdout } = await runMillrace(['models', 'rollback', ...data])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `model ${before[1].version} will be served\n` })
    expect(await jsonOf(['models', 'list'])).toMatchObject([
      { version: second, state: 'published' },
      { version: before[1].version, state: 'serving' },
    ])
    const unknown = await runMillrace(['models', 'rollback', 'no-such', ...data])
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toMatch(/\[model-unknown\]\n$/)
  })

  it.each(['random-holdout', 'time-split'])('judge by %s beside popularity', async (protocol) => {
    const report = await jsonOf(['evaluate', '--protocol', protocol, '--seed', '3', '--at', '5,10'])
    expect(report).toMatchObject({ protocol, seed: 3 })
    const ofLists = ['coverage', 'gini', 'novelty', 'diversity']
    const names = ['ndcg', 'recall', 'hitrate', 'mrr', 'map', ...ofLists].flatMap((name) => [`${name}@5`, `${name}@10`])
    for (const model of ['ials', 'popularity']) {
      expect(Object.keys(report.models[model]).toSorted()).toEqual(names.toSorted())
      const { value, low, high } = report.models[model]['ndcg@10']
      expect(low).toBeLessThanOrEqual(value)
      expect(high).toBeGreaterThanOrEqual(value)
    }
  })

  it('refuse to split by time what has no times', async () => {
    await importCheckerboard(folder.path, 'timeless', false)
    const args = ['evaluate', '--data', join(folder.path, 'timeless'), '--protocol', 'time-split', '--json']
    const { code, stdout, stderr } = await runMillrace(args, { env })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/\[time-split-impossible\]\n$/)
  })
})

describe('millrace describe', () => {
  it('draws the topology in Mermaid', async () => {
    const { code, stdout } = await runMillrace(['describe'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^flowchart LR\n/)
    for (const line of ['interactions --> fold_interactions', 'fold_interactions --> user_notices']) {
      expect(stdout).toContain(`  ${line}\n`)
    }
  })
})

/** Users like the items of their own parity, in an order that differs from user to user. */
async function importCheckerboard(folder: string, name: string, timed: boolean): Promise<void> {
  const rows = checkerboard(40, 20).map((event, n) => {
    const at = 1_600_000_000_000 + ((n * 7_919) % 400) * 1_000
    return { userId: event.userId, itemId: 'itemId' in event ? event.itemId : '', ...(timed && { occurredAt: at }) }
  })
  const file = join(folder, `${name}.jsonl`)
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const args = ['import', file, '--as', 'interactions', '--type', 'like', '--data', join(folder, name)]
  const { code, stderr } = await runMillrace(args)
  if (code !== 0) throw new Error(`the import failed: ${stderr}`)
}
