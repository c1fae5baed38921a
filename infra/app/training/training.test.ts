import { describe, expect, it } from 'vitest'
import { runTraining } from '#batch/job.ts'
import { readModelLife } from '#batch/model-topic.ts'
import { rollback } from '#batch/publish.ts'
import { decodeTopLists } from '#schemas/models/lists-blob.ts'
import { decodeModel } from '#schemas/models/model-blob.ts'
import { checkerboard, interaction, missingItem, trainingWorld } from './training.fixture.ts'

const users = 40
const items = 20

async function trainedWorld(run = 'model-1') {
  const world = trainingWorld({
    i0: { title: 'Even', categories: ['even'] },
    i2: { title: 'Even', categories: ['even'], available: false },
    i4: { title: 'Even', categories: ['even'] },
    i1: { title: 'Odd', categories: ['odd'] },
  })
  await world.append(checkerboard(users, items))
  const report = await runTraining({ ...world.options, run })
  const manifest = await world.options.registry.get(run)
  const blobOf = async (digest: string) => (await world.options.blobs.get(digest))!
  return { ...world, report, manifest: manifest!, blobOf }
}

describe('A training', () => {
  it('recommends to each user of a checkerboard the one item of their colour that is missing', async () => {
    const { manifest, blobOf } = await trainedWorld()
    const lists = decodeTopLists(await blobOf(manifest.lists))
    const wanted = Array.from({ length: users }, (_, user) => missingItem(user, items)).map((item) => `i${item}`)
    const first = wanted.map((_, user) => lists.users.get(`u${user}`)![0])
    const available = wanted.map((itemId, user) => (itemId === 'i2' ? first[user] : itemId))
    expect(first).toEqual(available)
  })

  it('puts no unavailable item in any list', async () => {
    const { manifest, blobOf } = await trainedWorld()
    const lists = decodeTopLists(await blobOf(manifest.lists))
    expect(lists.categories.get('even')).toEqual(expect.arrayContaining(['i0', 'i4']))
    expect(lists.categories.get('odd')).toEqual(['i1'])
    for (const list of [...lists.users.values(), ...lists.categories.values()]) expect(list).not.toContain('i2')
  })

  it('gives the same bytes for the same log, settings and run', async () => {
    const [one, other] = [await trainedWorld(), await trainedWorld()]
    expect(one.manifest).toEqual(other.manifest)
    expect(one.manifest.blob).toMatch(/^[0-9a-f]{64}$/)
  })

  it('publishes, makes ready and switches, and releases its claim', async () => {
    const { options, manifest, report } = await trainedWorld()
    const life = await readModelLife(options)
    expect(life).toMatchObject({ published: ['model-1'], serving: { version: 'model-1' }, claimed: undefined })
    expect(life.ready[0]!.positions).toEqual(manifest.positions)
    expect(report).toMatchObject({ users, items, version: 'model-1', published: true })
    expect(report.interactions).toBe(users * (items / 2 - 1))
    expect(report.loss.at(-1)).toBeLessThan(report.loss[0]!)
    expect(manifest.metrics['popularity.ndcg@10']).toBeGreaterThan(0)
  })

  it('gives a content vector to items of the catalogue', async () => {
    const { manifest, blobOf } = await trainedWorld()
    const { content, k } = decodeModel(await blobOf(manifest.blob))
    expect(content).toHaveLength(4_096 * k)
    expect(content.some((weight) => weight !== 0)).toBe(true)
  })

  it('that is not to be published changes nothing', async () => {
    const world = trainingWorld()
    await world.append(checkerboard(users, items))
    const report = await runTraining({ ...world.options, run: 'model-1', publish: false })
    expect(report.published).toBe(false)
    expect(await world.options.registry.list()).toEqual([])
    expect(await readModelLife(world.options)).toMatchObject({ published: [], serving: undefined, claimed: undefined })
  })
})

describe('The gate', () => {
  it('refuses settings that lose too much, and what is served stays', async () => {
    const { options } = await trainedWorld()
    const crippled = { ...options.settings, cgSteps: 0, neighbourShare: 0 }
    const report = await runTraining({ ...options, run: 'model-2', settings: crippled })
    expect(report.refused).toMatchObject({ type: 'refuse', code: 'model-refused' })
    expect(report.refused!.candidate).toBeLessThan(report.refused!.allowed)
    expect(await readModelLife(options)).toMatchObject({ published: ['model-1'], serving: { version: 'model-1' } })
  })

  it('is told how loud neighbours foretell best, and that is what is published', async () => {
    const { options, manifest, blobOf } = await trainedWorld()
    const { neighbourShare } = manifest.settings
    expect(options.settings.neighbourShare).toBe('auto')
    expect(neighbourShare).toBeTypeOf('number')
    const { neighbours } = decodeModel(await blobOf(manifest.blob))
    expect(neighbours === undefined).toBe(neighbourShare === 0)
    await runTraining({ ...options, run: 'model-2', settings: { ...options.settings, neighbourShare: 4 } })
    const louder = (await options.registry.get('model-2'))!
    expect(louder.settings['neighbourShare']).toBe(4)
    expect(decodeModel(await blobOf(louder.blob)).neighbours!.values.length).toBeGreaterThan(0)
  })

  it('passes the same settings on a grown log', async () => {
    const { options, append } = await trainedWorld()
    await append([interaction('u0', 'i0', 9_000), interaction('u1', 'i1', 9_001)])
    const report = await runTraining({ ...options, run: 'model-2' })
    expect(report.published).toBe(true)
    expect(report.metrics['incumbent.ndcg@10']).toBe(report.metrics['ndcg@10'])
  })
})

describe('A rollback', () => {
  it('serves the model before again, and one more goes forward', async () => {
    const { options } = await trainedWorld()
    await runTraining({ ...options, run: 'model-2' })
    expect(await rollback(options)).toMatchObject({ version: 'model-1' })
    expect(await readModelLife(options)).toMatchObject({
      serving: { version: 'model-1' },
      previous: { version: 'model-2' },
    })
    expect(await rollback(options)).toMatchObject({ version: 'model-2' })
  })

  it('reaches a retired version by name', async () => {
    const { options } = await trainedWorld()
    await runTraining({ ...options, run: 'model-2' })
    await runTraining({ ...options, run: 'model-3' })
    expect((await readModelLife(options)).retired.map(({ version }) => version)).toEqual(['model-1'])
    await rollback(options, { version: 'model-1' })
    const life = await readModelLife(options)
    expect(life.serving?.version).toBe('model-1')
    expect(life.previous?.version).toBe('model-3')
    expect(life.retired.map(({ version }) => version)).toEqual(['model-2'])
  })

  it('to nothing, or to what was never published, is refused', async () => {
    const { options } = await trainedWorld()
    await expect(rollback(options)).rejects.toMatchObject({ code: 'model-unknown' })
    await expect(rollback(options, { version: 'no such' })).rejects.toMatchObject({ code: 'model-unknown' })
  })
})

describe('A training is impossible', () => {
  it.each([
    ['on an empty log', []],
    ['for one user', [interaction('u', 'a', 1), interaction('u', 'b', 2)]],
    ['for one item', [interaction('u', 'a', 1), interaction('v', 'a', 2)]],
    ['when all events are one event again and again', Array.from({ length: 50 }, () => interaction('u', 'a', 1))],
  ])('%s, and leaves no claim behind', async (_, events) => {
    const { options, append } = trainingWorld()
    await append(events)
    await expect(runTraining({ ...options, run: 'model-1' })).rejects.toMatchObject({ code: 'training-impossible' })
    expect((await readModelLife(options)).claimed).toBeUndefined()
  })

  it('but two users and two items are enough, without a figure that is not a number', async () => {
    const { options, append } = trainingWorld()
    await append([interaction('u', 'a', 1), interaction('v', 'b', 2)])
    const report = await runTraining({ ...options, run: 'model-1' })
    expect(report).toMatchObject({ published: true, holdout: 'none' })
    const model = decodeModel((await options.blobs.get((await options.registry.get('model-1'))!.blob))!)
    expect(model.itemFactors.every((value) => Number.isFinite(value))).toBe(true)
  })
})
