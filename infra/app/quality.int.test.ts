import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runMillrace } from './proof/millrace-process.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

const datasets = process.env['MILLRACE_DATASETS']

it.skipIf(datasets === undefined)(
  'On the last tenth of all MovieTweetings the model is far above popularity (skipped without MILLRACE_DATASETS)',
  async () => {
    await using folder = await temporaryFolder()
    const file = join(datasets ?? '', 'movietweetings', 'ratings.csv.gz')
    const read = ['--as', 'interactions', '--header', '--map', 'user=user_id,item=imdb_id,value=rating,time=timestamp']
    const kind = ['--type', 'rating', '--scale', '0..10', '--time-unit', 's']
    const imported = await runMillrace(['import', file, ...read, ...kind, '--data', folder.path, '--json'])
    expect(JSON.parse(imported.stdout)).toMatchObject({ rejected: 0, duplicates: 0 })
    const split = ['--protocol', 'time-split', '--fraction', '.1', '--at', '10', '--json']
    const { stdout } = await runMillrace(['evaluate', '--data', folder.path, ...split])
    const { models } = JSON.parse(stdout)
    expect(models.popularity['ndcg@10'].value).toBeGreaterThan(0)
    expect(models.ials['ndcg@10'].value).toBeGreaterThan(1.2 * models.popularity['ndcg@10'].value)
  },
)
