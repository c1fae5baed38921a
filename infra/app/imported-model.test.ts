import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { importModel, type ImportModelOptions } from '#batch/import-model.ts'
import { runTraining } from '#batch/job.ts'
import { readModelLife } from '#batch/model-topic.ts'
import { rollback } from '#batch/publish.ts'
import { readHistories } from '#batch/read-histories.ts'
import { matMulModel } from '#infra/onnx/onnx-model.fixture.ts'
import { loadOnnxRuntime } from '#infra/onnx/runtime.ts'
import { onnxUserEncoder } from '#infra/onnx/user-encoder.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { startServing } from '#serving/service.ts'
import { importFiles, readImport } from './read-import.ts'
import { film, films, servingWorld } from './serving-world.fixture.ts'
import { checkerboard, interaction, missingItem, trainingWorld } from './training/training.fixture.ts'
import { asked } from './asked.fixture.ts'

const missing = await loadOnnxRuntime().then(
  () => undefined,
  (error: unknown) => {
    if (!isMillraceError(error, 'tool-missing')) throw error
    return error.message
  },
)
if (missing !== undefined && process.env['REQUIRE_ONNX'] === '1') throw new Error(missing)

const made: string[] = []
afterEach(() => made.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

/** Two axes, one for each colour of the items; `turned`: users are pointed at the colour that they do not like. */
function importFolder(itemIds: readonly string[], trainedTo: number, turned = false): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-import-'))
  made.push(folder)
  const axis = (n: number) => (n % 2 === 0 ? [1, 0.1] : [0.1, 1])
  const vectors = Float32Array.from(itemIds.flatMap((_, n) => axis(n)))
  const weights = Float32Array.from(itemIds.flatMap((_, n) => axis(turned ? n + 1 : n)))
  const manifest = {
    name: 'two-towers',
    trainedTo: new Date(trainedTo).toISOString(),
    k: 2,
    input: { name: 'history', kind: 'bag' },
    output: { name: 'user' },
  }
  writeFileSync(join(folder, importFiles.manifest), JSON.stringify(manifest))
  writeFileSync(join(folder, importFiles.items), JSON.stringify(itemIds))
  writeFileSync(join(folder, importFiles.vectors), new Uint8Array(vectors.buffer))
  writeFileSync(join(folder, importFiles.encoder), matMulModel(weights, itemIds.length, 2))
  return folder
}

describe('The folder of a model trained elsewhere', () => {
  it('that lacks a file, or holds what it should not, is refused by the name of the file', async () => {
    await expect(readImport('/no/such/folder')).rejects.toMatchObject({
      code: 'invalid-input',
      facts: { file: 'manifest.json' },
    })
    const folder = importFolder(films, 0)
    writeFileSync(join(folder, importFiles.manifest), '{"name": "two-towers"}')
    await expect(readImport(folder)).rejects.toMatchObject({ code: 'invalid-input', facts: { file: 'manifest.json' } })
  })
})

describe.skipIf(missing !== undefined)(
  `A model trained elsewhere${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    const items = 20
    const users = 40
    const itemIds = Array.from({ length: items }, (_, n) => `i${n}`)

    /** Users of a checkerboard whose missing items come last, after a model of our own was published. */
    async function shop() {
      const world = trainingWorld()
      await world.append(checkerboard(users, items))
      const trainedTo = users * items
      await world.append(
        Array.from({ length: users }, (_, user) =>
          interaction(`u${user}`, `i${missingItem(user, items)}`, trainedTo + 1 + user),
        ),
      )
      await runTraining({ ...world.options, run: 'model-1' })
      const { foldSettings } = world.options
      const take = async (folder: string, over: Partial<ImportModelOptions> = {}) =>
        importModel({
          ...world.options,
          imported: await readImport(folder),
          openEncoder: onnxUserEncoder(),
          histories: await readHistories({ ...world.options, settings: foldSettings }),
          catalogue: [],
          run: 'model-2',
          generationOf: (version) => version,
          ...over,
        })
      return { ...world, trainedTo, take }
    }

    it('is judged beside our own on what came after it was trained, published, and rolled back like our own', async () => {
      const { take, trainedTo, options } = await shop()
      const report = await take(importFolder(itemIds, trainedTo))
      expect(report).toMatchObject({ published: true, decision: { type: 'publish' }, users })
      expect(report.metrics['ndcg@10']).toBe(1)
      expect(report.metrics['popularity.ndcg@10']).toBeLessThan(0.7)
      expect(report.metrics['incumbent.ndcg@10']).toBeGreaterThan(0)
      expect((await readModelLife(options)).serving?.version).toBe('model-2')
      expect(await options.registry.get('model-2')).toMatchObject({ settings: { imported: 'two-towers' } })
      expect(await rollback(options)).toMatchObject({ version: 'model-1' })
    })

    it('is refused by the gate where it is worse, and only judged where that is asked for', async () => {
      const { take, trainedTo, options } = await shop()
      const report = await take(importFolder(itemIds, trainedTo, true))
      expect(report).toMatchObject({ published: false, decision: { type: 'refuse' } })
      expect(await take(importFolder(itemIds, trainedTo), { publish: false })).toMatchObject({ published: false })
      expect(await readModelLife(options)).toMatchObject({ published: ['model-1'], serving: { version: 'model-1' } })
    })

    it('with vectors that do not fit, or nothing to be judged by, is refused with the reason', async () => {
      const { take, trainedTo } = await shop()
      const folder = importFolder(itemIds, trainedTo)
      const imported = { ...(await readImport(folder)), itemVectors: new Float32Array(3) }
      await expect(take(folder, { imported })).rejects.toMatchObject({ code: 'invalid-input' })
      await expect(take(importFolder(itemIds, 1e12))).rejects.toMatchObject({ code: 'training-impossible' })
    })

    it('serves: lists are ordered by the vector that its own user side makes', async () => {
      const world = await servingWorld()
      const now = Date.now()
      for (const [n, itemId] of films.entries()) await world.put(itemId, film(n))
      for (const n of [1, 6, 8]) await world.rate('dan', films[n]!, 5, now - 1_000)
      for (const user of ['ann', 'bob', 'cid']) {
        for (const n of [0, 2, 4]) await world.rate(user, films[n]!, 5, now - 1_000)
        await world.rate(user, user === 'ann' ? 'film-6' : 'film-8', 5, now)
      }
      const { blobs, clock } = world.ports
      const shelf = { log: world.log, codec: world.codec, blobs, registry: world.registry, clock }
      const openEncoder = onnxUserEncoder()
      const catalogue = []
      await world.folded()
      for await (const page of world.ports.features.catalogue()) catalogue.push(...page)
      const report = await importModel({
        ...shelf,
        imported: await readImport(importFolder(films, now - 1, true)),
        openEncoder,
        catalogue,
        run: 'turned',
        publish: true,
        foldSettings: defaultFoldSettings,
        solver: world.solver,
        histories: await readHistories({ log: world.log, codec: world.codec, settings: defaultFoldSettings }),
        generationOf: (version) => version,
      })
      expect(report.published).toBe(true)
      const options = { cursorKey: 'a key of more than sixteen bytes', exploration: 0, diversity: 0 }
      const serving = await startServing({ ...world.ports, openEncoder }, options)
      await serving.caughtUp()
      const answer = await serving.recommend({ ...asked, userId: 'ann' })
      expect(answer.modelVersion).toBe('turned')
      expect(answer.items.map(({ itemId }) => Number(itemId.slice(5)) % 2)).toEqual([1, 1, 1, 1])
      expect(answer.items[0]).toMatchObject({ because: [], source: 'factors' })
      expect(world.reported).toEqual([])
      await serving.stop()
      await world.stop()
    })
  },
)
