import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'

export type Headers = Record<string, string | string[] | undefined>

export interface UpstreamRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Headers
  /** A function makes a stream that is read once there is a connection to send it on, and not before. */
  readonly body: Uint8Array | (() => Readable) | null
}

/** Takes an answer as it comes in. */
export interface AnswerSink {
  /** Once, before all else. `resume` goes on after {@link AnswerSink.data} said to wait. */
  head(status: number, headers: IncomingHttpHeaders, resume: () => void): void
  /** False: no more until resumed. */
  data(chunk: Uint8Array): boolean
  end(): void
}

export type ExchangeEnd =
  | { readonly type: 'answered' }
  /** `sent`: there was a connection, and the instance may have seen the request. */
  | { readonly type: 'failed'; readonly sent: boolean; readonly error: Error }

/** Sends a request to an instance. Never rejects. When the signal aborts it fails at once, and the sink is told no more. */
export function exchange(
  dispatcher: Dispatcher,
  { method, path, headers, body }: UpstreamRequest,
  sink: AnswerSink,
  signal: AbortSignal,
): Promise<ExchangeEnd> {
  const { promise, resolve } = Promise.withResolvers<ExchangeEnd>()
  let control: Dispatcher.DispatchController | undefined
  let sent = false
  let isOver = false

  function finish(end: ExchangeEnd): void {
    if (isOver) return
    isOver = true
    signal.removeEventListener('abort', abort)
    resolve(end)
  }

  function abort(): void {
    const error = signal.reason instanceof Error ? signal.reason : new Error('aborted')
    finish({ type: 'failed', sent, error })
    control?.abort(error)
  }

  if (signal.aborted) {
    abort()
    return promise
  }
  signal.addEventListener('abort', abort)
  dispatcher.dispatch(
    { method, path, headers, body: typeof body === 'function' ? body() : body },
    {
      onRequestStart(controller) {
        control = controller
        if (isOver) controller.abort(new Error('given up before there was a connection'))
        else sent = true
      },
      onResponseStart(controller, status, given) {
        if (!isOver && status >= 200) sink.head(status, given, () => controller.resume())
      },
      onResponseData(controller, chunk) {
        if (!isOver && !sink.data(chunk)) controller.pause()
      },
      onResponseEnd() {
        if (!isOver) sink.end()
        finish({ type: 'answered' })
      },
      onResponseError(_, error) {
        finish({ type: 'failed', sent, error })
      },
    },
  )
  return promise
}
