import type { IncomingMessage } from 'node:http'
import { createGunzip, type Gunzip } from 'node:zlib'
import { MillraceError } from '#schemas/errors.ts'
import type { ByteBudget } from './byte-budget.ts'

/**
 * Reads the body of a request, inflating gzip, and gives it to `use`. Its bytes are taken from the budget as they come
 * and given back when `use` has settled. Throws `payload-too-large` at the first byte over `maxBytes` after inflation, so a
 * small body never grows large in memory; `overloaded`; `invalid-input` when it cannot be inflated. What is left of a
 * refused body stays unread: whoever answers the error reads on, else the client may never see the answer.
 */
export async function withBody<R>(
  request: IncomingMessage,
  limits: { readonly maxBytes: number; readonly budget: ByteBudget },
  use: (body: Buffer) => Promise<R>,
): Promise<R> {
  let held = 0
  const hold = (bytes: number) => {
    if (held + bytes > limits.maxBytes) throw tooLarge(limits.maxBytes)
    limits.budget.take(bytes)
    held += bytes
  }
  try {
    const inflating = isGzip(request)
    const announced = Number(request.headers['content-length'] ?? 0)
    if (!inflating && announced > limits.maxBytes) throw tooLarge(limits.maxBytes)
    return await use(await read(request, inflating ? createGunzip({ chunkSize: 65_536 }) : undefined, hold))
  } finally {
    limits.budget.give(held)
  }
}

/** Events rather than an iterator: leaving an iteration early destroys the request, and its connection with it. */
function read(request: IncomingMessage, gunzip: Gunzip | undefined, hold: (bytes: number) => void): Promise<Buffer> {
  const source = gunzip ?? request
  const chunks: Buffer[] = []
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const onData = (chunk: Buffer) => {
    try {
      hold(chunk.length)
      chunks.push(chunk)
    } catch (error) {
      stop()
      reject(error)
    }
  }
  const onEnd = () => resolve(Buffer.concat(chunks))
  const onInflateError = (cause: Error) => {
    stop()
    reject(new MillraceError('invalid-input', 'body: is not valid gzip', { cause, facts: { field: 'body' } }))
  }
  const onRequestError = (cause: Error) => {
    stop()
    reject(new MillraceError('invalid-input', 'body: ended before it was whole', { cause, facts: { field: 'body' } }))
  }
  const onClose = () => {
    if (!request.complete) onRequestError(new Error('the connection was closed'))
  }
  const stop = () => {
    source.off('data', onData)
    source.off('end', onEnd)
    if (gunzip === undefined) return
    request.unpipe(gunzip)
    gunzip.destroy()
  }
  source.on('data', onData)
  source.on('end', onEnd)
  request.on('error', onRequestError)
  request.on('close', onClose)
  if (gunzip !== undefined) {
    gunzip.on('error', onInflateError)
    request.pipe(gunzip)
  }
  return promise
}

function isGzip(request: IncomingMessage): boolean {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity') return false
  if (encoding === 'gzip' || encoding === 'x-gzip') return true
  throw new MillraceError('invalid-input', `content-encoding: ${encoding} is not known; send gzip or none`, {
    facts: { field: 'content-encoding' },
  })
}

function tooLarge(maxBytes: number): MillraceError {
  return new MillraceError('payload-too-large', `The body is more than ${maxBytes} bytes long after decompression.`, {
    facts: { maxBytes },
  })
}
