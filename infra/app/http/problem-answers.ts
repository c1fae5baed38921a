import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { problem, problemMediaType, problemOf, type Problem } from '#schemas/api/problem.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { drainBody } from './drained-body.ts'

/** Seconds a client is asked to wait where nothing better is known. */
const retryAfterSeconds = 1

/** Answers any error as RFC 9457 problem details. Of a fault of ours the client learns its kind and a name to ask about. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const answer = describe(error)
  if (answer.status >= 500) {
    request.log[answer.status === 500 ? 'error' : 'warn']({ err: error }, 'request failed')
    answer.instance = `urn:millrace:request:${request.id}`
  }
  if (!request.raw.complete) {
    reply.removeHeader('connection')
    drainBody(request.raw)
  }
  sendProblem(reply, answer)
}

/** Sends problem details, with the headers that belong to their status. */
export function sendProblem(reply: FastifyReply, answer: Problem): void {
  if (answer.status === 401) void reply.header('www-authenticate', 'Bearer realm="millrace"')
  if ((answer.status === 503 || answer.status === 429) && !reply.hasHeader('retry-after')) {
    void reply.header('retry-after', String(retryAfterSeconds))
  }
  void reply.code(answer.status).type(problemMediaType).serializer(JSON.stringify).send(answer)
}

/** Answers what Node's parser refused before there was a request: a bad request line, headers too large or too slow. */
export function answerUnparsed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const title = STATUS_CODES[status] ?? 'Bad request'
  const body = JSON.stringify(problem(status, 'invalid-request', title, 'The request could not be read as HTTP.'))
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${problemMediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function describe(error: FastifyError): Problem {
  if (isMillraceError(error)) return problemOf(error)
  const status = error.statusCode ?? 500
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problem(413, 'payload-too-large', 'Payload too large', 'The body is larger than this route takes.')
    case 'FST_UNDER_PRESSURE':
      return problem(503, 'overloaded', 'Overloaded', 'The server has more work than it can do in time.')
  }
  if (status === 429) return problem(429, 'rate-limited', 'Too many requests', error.message)
  if (status >= 400 && status < 500) {
    return problem(status, 'invalid-request', STATUS_CODES[status] ?? 'Invalid request', error.message)
  }
  return problemOf(error)
}
