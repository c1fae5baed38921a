import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AnswerTarget } from './held-answer.ts'
import { endToEnd, requestIdHeader } from './headers.ts'

export interface ClientAnswerOptions {
  readonly response: ServerResponse
  readonly requestId: string
  /** The connection ends with this answer. */
  readonly isLast: () => boolean
  /** Called before anything is written. */
  readonly onBegin: () => void
}

/** Passes an instance's answer on to the client. */
export function clientAnswer({ response, requestId, isLast, onBegin }: ClientAnswerOptions): AnswerTarget {
  function writeHead(status: number, given: IncomingHttpHeaders): void {
    onBegin()
    const headers = endToEnd(given)
    headers[requestIdHeader] = requestId
    if (isLast()) headers['connection'] = 'close'
    response.writeHead(status, headers)
  }

  return {
    head(status, headers, resume) {
      writeHead(status, headers)
      response.on('drain', resume)
    },
    data: (chunk) => response.write(chunk),
    end: () => void response.end(),
    whole(status, headers, body) {
      writeHead(status, headers)
      response.end(body)
    },
  }
}
