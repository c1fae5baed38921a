import { Pool, type Dispatcher } from 'undici'

export interface PatientAsker {
  /** Rejects when there is no whole answer in time, or no connection. */
  ask(request: Pick<Dispatcher.RequestOptions, 'path' | 'headers' | 'body'> & { readonly method?: 'POST' }): Promise<{
    readonly status: number
    readonly text: string
  }>
  close(): Promise<void>
}

/** Sends requests over as many connections as it takes; whoever has waited too long goes, and closes the connection. */
export function patientAsker(url: string, answerWithinMs: number): PatientAsker {
  const pool = new Pool(url, { headersTimeout: 0, bodyTimeout: 0, pipelining: 1 })
  return {
    async ask({ method = 'GET', ...request }) {
      const given = new AbortController()
      const timer = setTimeout(() => given.abort(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs)
      try {
        const { statusCode, body } = await pool.request({ ...request, method, signal: given.signal })
        return { status: statusCode, text: await body.text() }
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => pool.destroy(),
  }
}
