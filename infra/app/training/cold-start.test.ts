import { describe, expect, it } from 'vitest'
import { runTraining } from '#batch/job.ts'
import { contextsSeen, readProfiles } from '#batch/read-traits.ts'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { Item, ProfilesEvent } from '#schemas/events/catalogue.ts'
import { contentScore } from '#schemas/models/content-features.ts'
import { decodeModel } from '#schemas/models/model-blob.ts'
import type { Model } from '#schemas/models/model.ts'
import { profileVector, type UserTraits } from '#schemas/models/profile-features.ts'
import { checkerboard, interaction, trainingWorld } from './training.fixture.ts'

const users = 40
const items = 24

/** Items of even number are dramas from Oslo with a vector to the left, odd ones comedies from Rome with one to the right. */
function described(item: number): Partial<Item> {
  const isEven = item % 2 === 0
  return {
    title: `Item ${item}`,
    categories: [isEven ? 'Drama' : 'Comedy'],
    attributes: { city: isEven ? 'Oslo' : 'Rome' },
    embedding: isEven ? [-1, 0.1] : [1, 0.1],
    embeddingName: 'clip',
  }
}

const catalogue = Object.fromEntries(Array.from({ length: items }, (_, item) => [`i${item}`, described(item)]))

function profile(userId: string, attributes: Record<string, string>): ProfilesEvent {
  return {
    type: 'upsert',
    id: userId,
    userId,
    occurredAt: 1,
    acceptedAt: 1,
    profile: { attributes, interests: [] },
  }
}

/** Users of even number like items of even number; they say so in their profile, and write from another device. */
async function trained(): Promise<{ model: Model; manifest: object }> {
  const world = trainingWorld(catalogue)
  const events = checkerboard(users, items).map((event) =>
    event.type === 'interaction'
      ? { ...event, context: { device: Number(event.userId.slice(1)) % 2 === 0 ? 'phone' : 'desktop' } }
      : event,
  )
  await world.append(events)
  const profiles = Array.from({ length: users }, (_, n) => profile(`u${n}`, { loves: n % 2 === 0 ? 'sad' : 'funny' }))
  await world.log.append(
    'profiles',
    profiles.map((event) => ({ key: event.userId, value: world.codec.encodeEvent('profiles', event) })),
  )
  const { version } = await runTraining({ ...world.options, run: 'r1' })
  const manifest = (await world.options.registry.get(version))!
  return { model: decodeModel((await world.options.blobs.get(manifest.blob))!), manifest }
}

/** How much more a vector expects of a drama than of a comedy, of items that the training knows. */
function leaning({ k, itemIds, itemFactors }: Model, vector: ArrayLike<number>): number {
  const score = (itemId: string) => {
    const row = itemIds.indexOf(itemId)
    return itemFactors.subarray(row * k, (row + 1) * k).reduce((sum, value, i) => sum + value * vector[i]!, 0)
  }
  return score('i0') - score('i1')
}

describe('A training', () => {
  it('learns what new items will be like from terms, attributes and vectors of their own, each alone', async () => {
    const { model, manifest } = await trained()
    expect(manifest).toMatchObject({
      content: { items, embedding: { name: 'clip', dimension: 2 } },
      profiles: { users },
    })
    const fan = profileVector(model, { profile: { attributes: { loves: 'sad' }, interests: [] } })!
    const score = (said: Partial<Item>) => contentScore(model, fan, { ...blankItem, ...said })
    for (const name of ['categories', 'attributes'] as const) {
      const [sad, funny] = [0, 1].map((n) => score({ [name]: described(n)[name] }))
      expect({ name, sad: sad! > funny! }).toEqual({ name, sad: true })
    }
    const own = (embedding: number[], embeddingName = 'clip') => score({ embedding, embeddingName })
    expect(own([-2, 0])).toBeGreaterThan(own([2, 0]))
    expect(own([-2, 0], 'other')).toBe(0)
  })

  it('learns what to expect of users by profile and by context, and nothing of those who say nothing', async () => {
    const { model } = await trained()
    const leaningOf = (traits: UserTraits) => leaning(model, profileVector(model, traits)!)
    const loves = (what: string) => ({ profile: { attributes: { loves: what }, interests: [] } })
    expect(leaningOf(loves('sad'))).toBeGreaterThan(0)
    expect(leaningOf(loves('funny'))).toBeLessThan(0)
    expect(leaningOf({ context: { device: 'phone' } })).toBeGreaterThan(0)
    expect(leaningOf({ context: { device: 'desktop' } })).toBeLessThan(0)
    expect(
      profileVector(model, { profile: { attributes: {}, interests: [] }, context: { session: 's' } }),
    ).toBeUndefined()
  })

  it('makes a model without either where nothing is described', async () => {
    const world = trainingWorld()
    await world.append(checkerboard(users, items))
    const { version } = await runTraining({ ...world.options, run: 'r1' })
    const manifest = (await world.options.registry.get(version))!
    const model = decodeModel((await world.options.blobs.get(manifest.blob))!)
    expect(manifest).toMatchObject({ content: { items: 0, terms: 0 }, profiles: { users: 0, terms: 0 } })
    expect(profileVector(model, { context: { device: 'phone' } })).toBeUndefined()
    expect(contentScore(model, new Float32Array(model.k).fill(1), { ...blankItem, categories: ['Drama'] })).toBe(0)
  })
})

describe('Traits of users', () => {
  it('are of the newest device and location, until the user is forgotten', () => {
    const seen = contextsSeen()
    const view = (userId: string, context: Record<string, string> | null) => {
      const event = interaction(userId, 'i', 1)
      if (event.type === 'interaction') seen.take({ ...event, context })
    }
    view('ann', { device: 'phone', campaign: 'spring' })
    view('ann', { location: 'Oslo', device: 'desktop' })
    view('ann', null)
    view('bob', { campaign: 'spring' })
    expect(seen.of('ann')).toEqual({ device: 'desktop', location: 'Oslo' })
    expect(seen.of('bob')).toBeUndefined()
    seen.take({ type: 'erase', id: 'e', userId: 'ann', occurredAt: 1, acceptedAt: 1 })
    expect(seen.of('ann')).toBeUndefined()
  })

  it('are of the last profile of each user asked for', async () => {
    const world = trainingWorld()
    const put = (event: ProfilesEvent) =>
      world.log.append('profiles', [{ key: event.userId, value: world.codec.encodeEvent('profiles', event) }])
    await put(profile('ann', { loves: 'sad' }))
    await put(profile('ann', { loves: 'funny' }))
    await put(profile('bob', { loves: 'sad' }))
    await put({ type: 'delete', id: 'd', userId: 'bob', occurredAt: 1, acceptedAt: 1 })
    await put(profile('cid', { loves: 'sad' }))
    await world.log.append('profiles', [{ key: 'ann', value: Uint8Array.of(1, 2, 3) }])
    const profiles = await readProfiles(world, new Set(['ann', 'bob', 'dan']))
    expect([...profiles]).toEqual([['ann', { attributes: { loves: 'funny' }, interests: [] }]])
  })
})
