import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

/** A POST whose headers the server has answered with "continue" and whose body it is waiting for. */
export async function postInFlight(url: string, body: string): Promise<{ finish(): Promise<number> }> {
  const sending = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), expect: '100-continue' },
  })
  const answered = new Promise<number>((resolve, reject) => {
    sending.on('response', (response: IncomingMessage) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sending.on('error', reject)
  })
  // Whoever finishes the request sees its failure.
  answered.catch(() => {})
  sending.flushHeaders()
  await once(sending, 'continue')
  return {
    finish() {
      sending.end(body)
      return answered
    },
  }
}
