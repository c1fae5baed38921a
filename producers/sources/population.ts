import { hash32 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { directionNear, drawFrom, type Random } from './randomness.ts'
import type { SimulatedItem, SimulatedUser, SimulationOptions } from './simulation.ts'

type World = Required<SimulationOptions>

/** Direction of each category: what suits its friends. */
export type TasteSpace = ReadonlyMap<string, Float64Array>

export function tasteSpace({ seed, categories }: World): TasteSpace {
  const random = seededRandom(hash32('categories', seed))
  return new Map(
    Array.from({ length: categories }, (_, n) => [`category-${padded(n, categories)}`, directionNear([], 1, random)]),
  )
}

/** Items of one or two categories; a few are popular, most are not. */
export function simulatedItems({ seed, items, startAt }: World, space: TasteSpace): readonly SimulatedItem[] {
  const random = seededRandom(hash32('items', seed))
  return Array.from({ length: items }, (_, n) => {
    const categories = someCategories(space, drawFrom(1, 2, random), random)
    const itemId = `item-${padded(n, items)}`
    return {
      itemId,
      traits: directionNear(directionsOf(categories, space), 0.15, random),
      popularity: 1 / (5 + Math.floor(random() * items)),
      item: {
        title: `Item ${n} of ${categories.join(' and ')}`,
        description: null,
        categories,
        tags: [`tag-${drawFrom(0, 49, random)}`],
        attributes: {},
        price: drawFrom(100, 9_999, random) / 100,
        currency: 'EUR',
        available: true,
        publishedAt: startAt - drawFrom(0, 730, random) * 86_400_000,
        imageUrl: null,
        embedding: null,
        embeddingName: null,
      },
    }
  })
}

/** People with one to three favourite categories, some of whom come often; and bots, who come like the keenest. */
export function simulatedUsers({ seed, users, botShare }: World, space: TasteSpace): readonly SimulatedUser[] {
  const random = seededRandom(hash32('users', seed))
  const bots = botShare > 0 ? Math.max(1, Math.round(users * botShare)) : 0
  const firstBot = users - bots
  return Array.from({ length: users }, (_, n) => {
    const bot = n >= firstBot
    const favourites = bot ? [] : someCategories(space, drawFrom(1, 3, random), random)
    const keen = random()
    return {
      userId: `user-${padded(hash32(String(n), seed) % 1_000, 1_000)}-${padded(n, users)}`,
      bot,
      favourites,
      taste: directionNear(weighted(directionsOf(favourites, space)), 0.1, random),
      activity: bot ? 1 : 0.1 + keen * keen * keen * 3,
      device: devices[drawFrom(0, devices.length - 1, random)]!,
    }
  })
}

const devices = ['phone', 'phone', 'desktop', 'tablet']

function someCategories(space: TasteSpace, count: number, random: Random): string[] {
  const names = [...space.keys()]
  const some: string[] = []
  while (some.length < Math.min(count, names.length)) {
    const name = names[Math.floor(random() * names.length)]!
    if (!some.includes(name)) some.push(name)
  }
  return some
}

function directionsOf(categories: readonly string[], space: TasteSpace): readonly Float64Array[] {
  return categories.flatMap((name) => space.get(name) ?? [])
}

/** The first counts most. */
function weighted(directions: readonly Float64Array[]): readonly Float64Array[] {
  return directions.map((direction, place) => direction.map((value) => value / (1 + 0.5 * place)))
}

function padded(n: number, count: number): string {
  return String(n).padStart(String(count - 1).length, '0')
}
