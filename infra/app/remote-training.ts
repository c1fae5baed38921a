import type { TrainingStatus } from '#schemas/api/operations.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Config } from './config-keys.ts'
import { apiKeysOf } from './config.ts'
import { listOf } from './list-of.ts'

const askedWithinMs = 10_000

/**
 * Asks the training instances one after the other until one begins; it is not waited for. One that trains already is as good.
 * Rejects with `overloaded` when none can be reached.
 */
export function remoteTraining(config: Config): () => Promise<TrainingStatus['state']> {
  const urls = listOf(config.trainUrls)
  const [apiKey] = apiKeysOf(config)
  const headers = {
    'content-type': 'application/json',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  }

  async function ask(url: string): Promise<boolean> {
    const answer = await fetch(new URL('/v1/training', url), {
      method: 'POST',
      headers,
      body: '{}',
      signal: AbortSignal.timeout(askedWithinMs),
    })
    await answer.body?.cancel()
    return answer.status === 202 || answer.status === 409
  }

  return async () => {
    const failures: unknown[] = []
    for (const url of urls) {
      try {
        if (await ask(url)) return 'running'
      } catch (error) {
        failures.push(error)
      }
    }
    const why = urls.length === 0 ? 'trainUrls names no training instance' : `none of ${urls.join(', ')} would train`
    throw new MillraceError('overloaded', why, { retriable: true, cause: failures[0] })
  }
}
