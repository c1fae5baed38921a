import { setTimeout as sleep } from 'node:timers/promises'
import { rawConnection, requestBytes, type RawConnection } from '../load/raw-connection.ts'
import type { BenchContext } from '../bench.ts'
import { standaloneProcess } from '../server/server-process.ts'

export interface FirstSeen {
  /** From the 202 of an item to the first list of similar items that holds it, ms. */
  readonly similar: readonly number[]
  /** From the 202 to the first recommendations that hold it, ms. */
  readonly recommended: readonly number[]
}

const probes = 100
/** An item that nobody finds is an error of the bench. */
const patienceMs = 5_000

/**
 * New items on an embedded server with a trained model: each is described like an item that is there, is looked for among
 * the items similar to that one, and in the list of a guest who has just liked it.
 */
export async function firstSeen(context: BenchContext): Promise<FirstSeen> {
  const server = await standaloneProcess(await context.filledFolder())
  const connection = await rawConnection(server.url)
  const found = { similar: new Array<number>(), recommended: new Array<number>() }
  try {
    const page: { readonly items: readonly { readonly itemId: string }[] } = JSON.parse(
      await sent(connection, requestBytes('GET', '/v1/trending?limit=100'), 200),
    )
    const models = page.items.map(({ itemId }) => itemId)
    for (let i = 0; i < probes; i++) {
      const like = models[i % models.length]!
      const described: { title: string; categories: string[] } = JSON.parse(
        await sent(connection, requestBytes('GET', `/v1/items/${encodeURIComponent(like)}`), 200),
      )
      const body = { title: described.title, categories: described.categories }
      const similar = `new-similar-${i}`
      await sent(connection, requestBytes('PUT', `/v1/items/${similar}`, JSON.stringify(body)), 202)
      const lookSimilar = requestBytes('GET', `/v1/items/${encodeURIComponent(like)}/similar?limit=100`)
      found.similar.push(await until(connection, lookSimilar, similar))
      const recommended = `new-recommended-${i}`
      await sent(connection, requestBytes('PUT', `/v1/items/${recommended}`, JSON.stringify(body)), 202)
      const asked = { limit: 100, recent: [{ itemId: like, type: 'like' }] }
      const lookFor = requestBytes('POST', '/v1/recommendations', JSON.stringify(asked))
      found.recommended.push(await until(connection, lookFor, recommended))
      // What is looked for next is not to be crowded out by copies of itself.
      for (const id of [similar, recommended]) await sent(connection, requestBytes('DELETE', `/v1/items/${id}`), 202)
    }
  } finally {
    connection.close()
    await server.stop()
  }
  return found
}

/** Asks again and again; ms until an answer holds the item. */
async function until(connection: RawConnection, request: Buffer, itemId: string): Promise<number> {
  const began = performance.now()
  while (performance.now() - began < patienceMs) {
    if ((await sent(connection, request, 200)).includes(`"${itemId}"`)) return performance.now() - began
    await sleep(1)
  }
  throw new Error(`${itemId} was in no list within ${patienceMs} ms`)
}

async function sent(connection: RawConnection, request: Buffer, expected: number): Promise<string> {
  const { status, body } = await connection.send(request)
  if (status === expected) return body.toString()
  throw new Error(`answered ${status}: ${body.toString()}`)
}
