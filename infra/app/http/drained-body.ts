import type { IncomingMessage } from 'node:http'

/** What a client may still send after it was refused, before its connection is cut. */
const maxDrainedBytes = 256 * 1024 * 1024

/**
 * Reads and discards what is left of a request. A client that is still sending sees the answer only if the server keeps
 * reading: closing a connection with unread bytes resets it, and the reset overtakes the answer.
 */
export function drainBody(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return
  let drained = 0
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length
    if (drained > maxDrainedBytes) request.destroy()
  })
  request.resume()
}
