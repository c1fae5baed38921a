import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runsOnServer } from '#infra/mlflow/runs-on-server.fixture.ts'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { startMlflow } from '#infra/servers/mlflow.ts'
import { runMillrace } from './proof/millrace-process.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'
import { checkerboardLines } from './training/training.fixture.ts'

const isThere = await canStart('mlflow')

it.skipIf(!isThere)('millrace tune sends every trial to an MLflow server, and finds the same without it', async () => {
  await using folder = await temporaryFolder()
  await using server = await startMlflow({ dir: join(folder.path, 'mlflow') })
  const [data, likes] = [join(folder.path, 'data'), join(folder.path, 'likes.jsonl')]
  writeFileSync(likes, checkerboardLines(40, 20))
  expect(await runMillrace(['import', likes, '--as', 'interactions', '--type', 'like', '--data', data])).toMatchObject({
    code: 0,
  })
  const args = ['tune', '--data', data, '--trials', '3', '--protocol', 'random-holdout', '--json']
  const env = { MILLRACE_ITERATIONS: '2', MILLRACE_FACTORS: '8', MLFLOW_TRACKING_URI: '' }
  const record = (name: string) => ['--record', join(folder.path, name)]
  const sent = await runMillrace([...args, ...record('sent'), '--mlflow', server.url, '--experiment', 'demo'], { env })
  expect(sent).toMatchObject({ code: 0 })
  const trials: { readonly trial: number; readonly round: number; readonly ndcg: number }[] = JSON.parse(
    sent.stdout,
  ).trials
  const runs = await runsOnServer(server.url, 'demo')
  const named = trials.map(({ trial, round, ndcg }) => [`trial ${trial}, round ${round}`, ndcg])
  expect(runs.map(({ name, metrics }) => [name, metrics['ndcg_at_10']])).toEqual(expect.arrayContaining(named))
  expect(runs).toHaveLength(trials.length)
  expect(runs[0]!.parameters).toMatchObject({ protocol: 'random-holdout', splitSeed: '7' })

  await server.kill()
  const unsent = await runMillrace([...args, ...record('unsent'), '--mlflow', server.url], { env })
  expect(unsent.code).toBe(0)
  expect(unsent.stderr.match(/while sending trial/g)).toHaveLength(trials.length)
  const found = (text: string): unknown => JSON.parse(text).settings
  expect(found(unsent.stdout)).toEqual(found(sent.stdout))
  expect(readFileSync(join(folder.path, 'unsent'), 'utf8').trimEnd().split('\n')).toHaveLength(trials.length + 1)
})
