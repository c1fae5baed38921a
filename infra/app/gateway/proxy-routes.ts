import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { MillraceError } from '#schemas/errors.ts'
import { drainBody } from '../http/drained-body.ts'
import { sendProblem } from '../http/problem-answers.ts'
import { clientAnswer } from './client-answer.ts'
import { deadlineHeader, deadlineOf, type DeadlineLimits } from './deadline.ts'
import type { UpstreamRequest } from './exchange.ts'
import type { ForwardEnd, Forwarded } from './forward.ts'
import { forwardProblem } from './forward-problem.ts'
import { forwardedHeaders, requestIdOf } from './headers.ts'
import { routeOf } from './routing.ts'

export interface ProxyOptions {
  readonly forward: (forwarded: Forwarded) => Promise<ForwardEnd>
  readonly deadlines: DeadlineLimits
  /** The body of a read is kept to be sent again, and may have so many bytes. */
  readonly maxReadBodyBytes: number
  readonly isStopping: () => boolean
}

/** Everything that the gateway does not answer itself goes to an instance. */
export function proxyRoutes(options: ProxyOptions) {
  const handler: RouteHandlerMethod = (request, reply) => proxy(request, reply, options)
  const forwarded = { handler, helmet: false as const, schema: { hide: true } }

  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_, __, done) => done(null))
    app.route({ ...forwarded, method: app.supportedMethods, url: '/v1/*', exposeHeadRoute: false })
    // Pages hold no data, and whatever else there is asks for a key itself.
    const open = { ...forwarded, config: { open: true } }
    app.route({ ...open, method: ['GET', 'HEAD'], url: '/*', exposeHeadRoute: false })
  }
}

async function proxy(request: FastifyRequest, reply: FastifyReply, options: ProxyOptions): Promise<void> {
  const { raw } = request
  const route = routeOf(request.method, request.url)
  const deadline = deadlineOf(request.headers[deadlineHeader], options.deadlines)
  const requestId = requestIdOf(request.headers, request.id)
  const gone = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableEnded) gone.abort(new Error('the client has gone'))
  }
  reply.raw.once('close', onClose)
  const target = clientAnswer({
    response: reply.raw,
    requestId,
    isLast: options.isStopping,
    onBegin: () => void reply.hijack(),
  })
  const body = route.isRead ? await keptBody(request, options.maxReadBodyBytes) : streamedBody(request)
  const { method, url } = request
  const headers = forwardedHeaders(raw, requestId)
  if (route.isRead && body === null) delete headers['content-length']
  const upstream: UpstreamRequest = { method, path: url, headers, body }
  const end = await options.forward({ route, request: upstream, deadline, target, signal: gone.signal })
  if (end.type === 'broken') {
    reply.raw.destroy()
    return
  }
  if (!raw.complete) drainBody(raw)
  if (end.type === 'answered') return
  if (end.type === 'cancelled') {
    reply.hijack()
    return
  }
  sendProblem(reply, { ...forwardProblem(end, route), instance: `urn:millrace:request:${requestId}` })
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || !['0', undefined].includes(headers['content-length'])
}

/** Read as fast as the instance takes it. What is left of it when the instance fails is left to the client's connection. */
function streamedBody(request: FastifyRequest): (() => Readable) | null {
  if (!hasBody(request)) return null
  const chunks = () => request.raw.iterator({ destroyOnReturn: false })
  return () => Readable.from(chunksOf(chunks), { objectMode: false })
}

/** Begins to read when it is asked for the first chunk, not before. */
async function* chunksOf(chunks: () => AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield* chunks()
}

async function keptBody(request: FastifyRequest, maxBytes: number): Promise<Buffer | null> {
  if (!hasBody(request)) return null
  const tooLarge = () => new MillraceError('payload-too-large', 'The body is larger than this route takes.')
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request.raw.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge()
  }
  return Buffer.concat(chunks)
}
