import { read } from './api.js'

const known = new Map()
const mostIds = 100

/** Resolves once all these items can be looked up; one that has no entry is known by its id. */
export async function learn(itemIds) {
  const missing = [...new Set(itemIds)].filter((itemId) => !known.has(itemId))
  for (let at = 0; at < missing.length; at += mostIds) {
    const asked = missing.slice(at, at + mostIds)
    const query = new URLSearchParams(asked.map((itemId) => ['ids', itemId]))
    const { items } = await read(`v1/catalogue?${query}`)
    for (const item of items) known.set(item.itemId, item)
    for (const itemId of asked) if (!known.has(itemId)) known.set(itemId, blank(itemId))
  }
}

export function itemOf(itemId) {
  return known.get(itemId) ?? blank(itemId)
}

function blank(itemId) {
  return { itemId, title: itemId, description: null, categories: [], tags: [], imageUrl: null, price: null }
}
