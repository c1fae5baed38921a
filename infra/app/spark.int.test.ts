import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { download } from '#infra/servers/downloads.ts'
import { findJava } from '#infra/servers/java.ts'
import { sparkDownload } from '#infra/servers/spark.ts'
import { runMillrace } from './proof/millrace-process.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'
import { checkerboardLines } from './training/training.fixture.ts'

const run = promisify(execFile)
const isThere = await canStart('spark')
const job = join(import.meta.dirname, '../../batch/spark/train_als.py')

/** Runs the job with all of Spark in one process. */
async function trainOnSpark(from: string, to: string, ...options: readonly string[]): Promise<void> {
  const python = join(await download(sparkDownload), 'bin/python')
  const java = await findJava()
  const conf = ['spark.sql.shuffle.partitions=2', 'spark.default.parallelism=2', 'spark.ui.enabled=false']
  const args = ['--master', 'local[1]', '--driver-memory', '1g', ...conf.flatMap((one) => ['--conf', one])]
  await run(python, [job, from, to, '--blocks', '2', ...options], {
    env: {
      ...process.env,
      JAVA_HOME: join(java, '../..'),
      PYSPARK_PYTHON: python,
      PYSPARK_SUBMIT_ARGS: [...args, 'pyspark-shell'].join(' '),
      SPARK_LOCAL_IP: '127.0.0.1',
    },
  })
}

it.skipIf(!isThere)(
  'What Spark makes of an export passes the gate, is published and served, and refused where it was changed for the worse',
  async () => {
    await using folder = await temporaryFolder()
    const at = (name: string) => join(folder.path, name)
    const data = ['--data', at('data')]
    const env = { MILLRACE_FACTORS: '8', MILLRACE_ITERATIONS: '4' }
    const json = async (args: readonly string[], code = 0) => {
      const ended = await runMillrace([...args, ...data, '--json'], { env })
      expect(ended).toMatchObject({ code })
      return JSON.parse(ended.stdout)
    }
    writeFileSync(at('likes.jsonl'), checkerboardLines(60, 30))
    await json(['import', at('likes.jsonl'), '--as', 'interactions', '--type', 'like'])
    expect(await json(['export', 'interactions', at('export'), '--holdout', 'random'])).toMatchObject({
      balanced: true,
    })

    await trainOnSpark(at('export'), at('factors'), '--factors', '8', '--iterations', '6')
    const own = await json(['train', '--no-publish'])
    const first = await json(['models', 'import-factors', at('factors')])
    expect(first).toMatchObject({ published: true, trainer: 'pyspark.ml ALS 4.0.1', users: 60, items: 30 })
    expect(first.interactions).toBe(own.interactions)
    expect(first.metrics['ndcg@10']).toBeGreaterThan(1.5 * first.metrics['popularity.ndcg@10'])
    expect(await json(['models', 'list'])).toMatchObject([{ version: first.version, state: 'serving' }])

    const vectors = Float32Array.from({ length: 30 * 8 }, (_, i) => Math.sin(i))
    writeFileSync(join(at('factors'), 'trial', 'vectors.f32'), new Uint8Array(vectors.buffer))
    const second = await json(['models', 'import-factors', at('factors')], 2)
    expect(second).toMatchObject({ published: false, decision: { type: 'refuse' } })
    expect(await json(['models', 'list'])).toMatchObject([{ version: first.version, state: 'serving' }])
  },
)
