import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { splitFor } from '#batch/export-interactions.ts'
import { importFactors, type ImportFactorsOptions } from '#batch/import-factors.ts'
import { runTraining } from '#batch/job.ts'
import { readModelLife } from '#batch/model-topic.ts'
import { rollback } from '#batch/publish.ts'
import { readHistories } from '#batch/read-histories.ts'
import { parts, trainingPart } from '#batch/splits.ts'
import { trainModel } from '#batch/train.ts'
import { trainingSet, type TrainingSet } from '#batch/training-set.ts'
import { readTrainedFactors } from '#infra/folder/trained-factors.ts'
import { exportFormat, type ExportHoldout } from '#schemas/models/interaction-export.ts'
import { decodeTopLists } from '#schemas/models/lists-blob.ts'
import { decodeModel } from '#schemas/models/model-blob.ts'
import { factorsFormat, type FactorsManifest } from '#schemas/models/trained-factors.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { checkerboard, interaction, trainingWorld } from './training.fixture.ts'

const [users, items] = [40, 20]
const holdout: ExportHoldout = { kind: 'random', share: 0.1, seed: 3 }

/** A log of a checkerboard, and a folder of factors that were fitted to what an export of it holds. */
async function shop(given: { readonly events?: readonly InteractionsEvent[]; readonly iterations?: number } = {}) {
  const { events = checkerboard(users, items), iterations = 6 } = given
  const world = trainingWorld({ i0: { categories: ['even'] } })
  await world.append(events)
  const { options } = world
  const histories = await readHistories({ ...options, settings: options.foldSettings })
  const split = splitFor(histories, holdout)
  const shape = { weightExponent: 1, halfLifeDays: 0 }
  const settings = { ...options.settings, ...shape, iterations, neighbourShare: 0 }
  const fit = async (of: typeof histories) => {
    const set = trainingSet(of, options.foldSettings, { shape: settings })
    return { set, ...(await trainModel({ ...options, set, settings, version: 'elsewhere' })) }
  }
  const [trial, full] = [await fit(trainingPart(histories, split)), await fit(histories)]
  const folder = mkdtempSync(join(tmpdir(), 'millrace-factors-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const manifest: FactorsManifest = {
    format: factorsFormat,
    trainer: 'a test',
    k: settings.factors,
    ...shape,
    alpha0: settings.alpha0,
    lambda: settings.lambda,
    nu: settings.nu,
    iterations,
    seed: 1,
    seconds: 1,
    export: {
      format: exportFormat,
      createdAt: 1,
      holdout,
      confidenceCap: 20,
      positions: [...histories.positions],
      rows: histories.items.length,
      users: histories.userIds.length,
      items: histories.itemIds.length,
      heldOut: split.filter((part) => part === parts.heldOut).length,
    },
    trial: partOf(trial),
    full: partOf(full),
  }
  const write = (changed: Partial<FactorsManifest> = {}) =>
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...changed }))
  write()
  for (const [name, { model }] of Object.entries({ trial, full })) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'items.json'), JSON.stringify(model.itemIds))
    writeFileSync(join(folder, name, 'vectors.f32'), new Uint8Array(model.itemFactors.slice().buffer))
  }
  const take = async (run: string, over: Partial<ImportFactorsOptions> = {}) =>
    importFactors({ ...options, factors: await readTrainedFactors(folder), gateShare: 0.2, run, ...over })
  return { ...world, folder, manifest, write, take, full }
}

function partOf({ set, model }: { readonly set: TrainingSet; readonly model: { readonly userGramian: Float64Array } }) {
  const interactions = set.byUser.indices.length
  return { users: set.userIds.length, interactions, userGramian: [...model.userGramian] }
}

describe('Factors that were fitted elsewhere', () => {
  it('are judged on what was held out, published and rolled back like a model of our own', async () => {
    const { take, options, full } = await shop()
    await runTraining({ ...options, run: 'model-1' })
    const report = await take('model-2')
    expect(report).toMatchObject({ published: true, trainer: 'a test', users, items, decision: { type: 'publish' } })
    expect(report.metrics['ndcg@10']).toBeGreaterThan(1.5 * report.metrics['popularity.ndcg@10']!)
    expect(report.metrics['incumbent.ndcg@10']).toBeGreaterThan(0)
    const manifest = (await options.registry.get('model-2'))!
    expect(manifest).toMatchObject({ settings: { trainer: 'a test', factors: 8 }, users, items })
    const model = decodeModel((await options.blobs.get(manifest.blob))!)
    expect(model.itemFactors).toEqual(full.model.itemFactors)
    expect(model.itemCounts).toEqual(full.model.itemCounts)
    expect(model.content).toHaveLength(4_096 * model.k)
    expect((await readModelLife(options)).serving?.version).toBe('model-2')
    expect(await rollback(options)).toMatchObject({ version: 'model-1' })
  })

  it('are refused by the gate where they are worse, and only judged where that is asked for', async () => {
    const { take, options, folder } = await shop()
    await runTraining({ ...options, run: 'model-1' })
    expect(await take('model-2', { publish: false })).toMatchObject({ published: false, decision: { type: 'publish' } })
    const backwards = Float32Array.from({ length: items * 8 }, (_, i) => Math.sin(i))
    writeFileSync(join(folder, 'trial', 'vectors.f32'), new Uint8Array(backwards.buffer))
    expect(await take('model-3')).toMatchObject({ published: false, decision: { type: 'refuse' } })
    const life = await readModelLife(options)
    expect(life).toMatchObject({ published: ['model-1'], serving: { version: 'model-1' }, claimed: undefined })
  })

  it('are judged by the log as it was exported, and list nobody who was erased since', async () => {
    const { take, options, append } = await shop()
    await append([
      interaction('u0', 'i1', 9_000),
      { type: 'erase', id: 'forget u2', userId: 'u2', occurredAt: 9_001, acceptedAt: 9_001 },
    ])
    expect((await take('model-1')).published).toBe(true)
    const lists = decodeTopLists((await options.blobs.get((await options.registry.get('model-1'))!.lists))!)
    expect(lists.users.has('u0')).toBe(true)
    expect(lists.users.has('u2')).toBe(false)
  })

  it('of an export that the log no longer gives, or that can judge nothing, are refused', async () => {
    const { take, write, manifest } = await shop()
    write({ export: { ...manifest.export, rows: 1 } })
    await expect(take('model-1')).rejects.toMatchObject({ code: 'conflict' })
    const single = await shop({ events: Array.from({ length: 6 }, (_, n) => interaction(`u${n}`, `i${n}`, n + 1)) })
    await expect(single.take('model-1')).rejects.toMatchObject({ code: 'training-impossible' })
  })

  it('that do not fit their manifest are refused by what is wrong', async () => {
    const { take, folder, write } = await shop()
    const refused = (message: string) =>
      expect(take('model-1')).rejects.toMatchObject({
        code: 'invalid-input',
        message: expect.stringContaining(message),
      })
    const vectors = join(folder, 'full', 'vectors.f32')
    writeFileSync(vectors, new Uint8Array(Float32Array.from({ length: items * 8 }, () => NaN).buffer))
    await refused('no finite number')
    writeFileSync(vectors, 'abc')
    await refused('float32')
    writeFileSync(vectors, 'abcd')
    await refused('items × k')
    writeFileSync(join(folder, 'full', 'items.json'), '["i0", "i0"]')
    await refused('each once')
    writeFileSync(join(folder, 'full', 'items.json'), '{}')
    await refused('array of item ids')
    write({ k: 3 })
    await refused('/k')
    rmSync(join(folder, 'manifest.json'))
    await refused('cannot be read')
  })
})
