import { expect, it } from 'vitest'
import { startMillrace } from './proof/millrace-process.fixture.ts'
import { reconciled } from './proof/running.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

const env = { MILLRACE_FACTORS: '16', MILLRACE_ITERATIONS: '2', MILLRACE_TRAIN_CRON: '' }

it('A first start that is killed while loading and stopped while training ends as if nothing had happened', async () => {
  await using folder = await temporaryFolder()
  const args = ['standalone', '--data', folder.path, '--port', '0']
  {
    await using loading = startMillrace(args, { env })
    const url = (await loading.said(/listens on (\S+)\n/))[1]!
    await loading.said(/empty: loading/)
    while ((await (await fetch(`${url}/v1/trending`)).text()).includes('"items":[]'));
    loading.signal('SIGKILL')
    expect(await loading.ended).toBeNull()
  }
  {
    await using training = startMillrace(args, { env })
    await training.said(/Loading the rest of/)
    await training.said(/= 100,015 folded .*: balanced/)
    await training.said(/iteration 1/)
    training.signal('SIGTERM')
    expect(await training.ended).toBe(0)
  }
  await using last = startMillrace(args, { env })
  await last.said(/Ctrl\+C stops/)
  expect(last.stdout()).not.toMatch(/loading/i)
  expect(last.stdout()).toContain('NDCG@10 on held-out ratings')
  last.signal('SIGTERM')
  expect(await last.ended).toBe(0)
  expect(await reconciled(folder.path)).toMatchObject({ counts: { folded: 100_015, balanced: true }, differing: [] })
})
