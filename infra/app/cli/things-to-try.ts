import type { Standalone } from '../standalone.ts'

/** The page and five commands that show what runs, with a user and an item that are really there. */
export async function thingsToTry({ url, parts }: Standalone): Promise<string> {
  const { userId, itemId } = await someone(parts.features)
  const category = encodeURIComponent(await someCategory(parts.features))
  const json = `-H 'content-type: application/json'`
  const user = encodeURIComponent(userId)
  return [
    '',
    `  Open ${url}/ to choose a person, see why each film is there, click one, and see the list change.`,
    '',
    `  curl '${url}/v1/users/${user}/recommendations?limit=5'`,
    `  curl -X POST ${url}/v1/interactions ${json} -d '{"userId":"${userId}","itemId":"${itemId}","type":"like"}'`,
    `  curl '${url}/v1/users/${user}/interactions?limit=5'`,
    `  curl '${url}/v1/items/${encodeURIComponent(itemId)}/similar?limit=5'`,
    `  curl '${url}/v1/trending?category=${category}&limit=5'`,
    '',
    `  The API is described at ${url}/docs. Ctrl+C stops.`,
  ].join('\n')
}

async function someone(features: Standalone['parts']['features']): Promise<{ userId: string; itemId: string }> {
  for await (const page of features.users()) {
    const user = page.find(({ head }) => head.count >= 10) ?? page[0]
    const itemId = user?.head.recent.at(-1)?.itemId
    if (user !== undefined && itemId !== undefined) return { userId: user.userId, itemId }
  }
  return { userId: 'ada', itemId: 'book-1' }
}

async function someCategory(features: Standalone['parts']['features']): Promise<string> {
  for await (const page of features.catalogue()) {
    const category = page.find(({ item }) => item.categories.length > 0)?.item.categories[0]
    if (category !== undefined) return category
  }
  return 'Drama'
}
