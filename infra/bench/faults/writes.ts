import { setTimeout as sleep } from 'node:timers/promises'
import { patientAsker } from './patient-asker.ts'
import { outageMeter } from './outages.ts'
import { steadily } from './steady.ts'

export interface Writes {
  /** Ids sent, by user. */
  readonly sent: ReadonlyMap<string, readonly string[]>
  /** Events that were answered 202. */
  accepted(): number
  longestOutageMs(): number
  /** Resolves when every event that was sent has been answered 202. */
  stop(): Promise<void>
}

export interface WriteOptions {
  readonly url: string
  /** Begins the id of every event and user. */
  readonly name: string
  readonly users: number
  readonly items: readonly string[]
  readonly perSecond: number
}

const batch = 5
const answerWithinMs = 5_000
const retryAfterMs = 100
const headers = { 'content-type': 'application/x-ndjson' }

/** Sends events as an app does: each batch again, byte for byte, until it is answered 202. */
export function steadyWrites({ url, name, users, items, perSecond }: WriteOptions): Writes {
  const sent = new Map<string, string[]>()
  const outages = outageMeter(() => performance.now())
  let accepted = 0

  async function send(n: number): Promise<void> {
    const lines = Array.from({ length: batch }, (_, i) => {
      const at = n * batch + i
      const userId = `${name}-u${at % users}`
      const id = `${name}-${at}`
      const ofUser = sent.get(userId) ?? []
      sent.set(userId, ofUser)
      ofUser.push(id)
      return JSON.stringify({ id, userId, itemId: items[(at * 7919) % items.length], type: 'view' })
    })
    const body = lines.join('\n')
    while (!(await isAccepted(body))) await sleep(retryAfterMs)
    accepted += batch
    outages.succeeded()
  }

  async function isAccepted(body: string): Promise<boolean> {
    let answer: Awaited<ReturnType<typeof asker.ask>>
    try {
      answer = await asker.ask({ path: '/v1/interactions', method: 'POST', headers, body })
    } catch (error) {
      if (!(error instanceof Error)) throw error
      return false
    }
    if (answer.status !== 202) return false
    const { rejected }: { readonly rejected: readonly unknown[] } = JSON.parse(answer.text)
    if (rejected.length > 0) throw new Error(`events were rejected: ${answer.text}`)
    return true
  }

  const asker = patientAsker(url, answerWithinMs)
  const steady = steadily(perSecond / batch, send)
  return {
    sent,
    accepted: () => accepted,
    longestOutageMs: () => outages.longestMs(),
    async stop() {
      await steady.stop()
      await asker.close()
    },
  }
}
