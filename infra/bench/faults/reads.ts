import { patientAsker } from './patient-asker.ts'
import { outageMeter } from './outages.ts'
import { steadily } from './steady.ts'

export interface Reads {
  readonly answered: () => number
  /** Answers other than 200, and none. */
  readonly failed: () => number
  /** Answers by what they said was missing. */
  readonly degraded: ReadonlyMap<string, number>
  longestOutageMs(): number
  stop(): Promise<void>
}

const answerWithinMs = 2_000

/** Asks for recommendations, each once. */
export function steadyReads({
  url,
  users,
  perSecond,
}: {
  readonly url: string
  readonly users: readonly string[]
  readonly perSecond: number
}): Reads {
  const degraded = new Map<string, number>()
  const outages = outageMeter(() => performance.now())
  let answered = 0
  let failed = 0

  async function ask(n: number): Promise<void> {
    const userId = users[(n * 7919) % users.length] ?? ''
    try {
      const path = `/v1/users/${encodeURIComponent(userId)}/recommendations?limit=10`
      const { status, text } = await asker.ask({ path })
      if (status !== 200) {
        failed++
        return
      }
      const said: { readonly degraded?: readonly string[] } = JSON.parse(text)
      answered++
      outages.succeeded()
      for (const mode of said.degraded ?? []) degraded.set(mode, (degraded.get(mode) ?? 0) + 1)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      failed++
    }
  }

  const asker = patientAsker(url, answerWithinMs)
  const steady = steadily(perSecond, ask)
  return {
    answered: () => answered,
    failed: () => failed,
    degraded,
    longestOutageMs: () => outages.longestMs(),
    async stop() {
      await steady.stop()
      await asker.close()
    },
  }
}
