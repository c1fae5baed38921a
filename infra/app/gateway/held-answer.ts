import type { IncomingHttpHeaders } from 'node:http'
import type { AnswerSink } from './exchange.ts'

/** Where an answer ends up. */
export interface AnswerTarget extends AnswerSink {
  /** An answer that is there as a whole. */
  whole(status: number, headers: IncomingHttpHeaders, body: Uint8Array): void
}

export interface HeldAnswer extends AnswerSink {
  /** Undefined before the head is there. */
  readonly status: () => number | undefined
  /** Something of it has been passed on, so that it cannot be replaced by another answer any more. */
  readonly isPassedOn: () => boolean
  /** Passes on what is held: the answer is this one. */
  release(): void
}

/**
 * Keeps an answer until it is whole, so that one which breaks off can be replaced by another instance's; one that is larger
 * than `maxBytes` is passed on as it comes. A whole one waits for {@link HeldAnswer.release}.
 */
export function heldAnswer(target: AnswerTarget, maxBytes: number): HeldAnswer {
  let head: { status: number; headers: IncomingHttpHeaders; resume: () => void } | undefined
  let chunks: Uint8Array[] = []
  let bytes = 0
  let isPassedOn = false

  function passOn(): boolean {
    if (head === undefined) return true
    isPassedOn = true
    target.head(head.status, head.headers, head.resume)
    let goOn = true
    for (const chunk of chunks) goOn = target.data(chunk)
    chunks = []
    return goOn
  }

  return {
    status: () => head?.status,
    isPassedOn: () => isPassedOn,
    head(status, headers, resume) {
      head = { status, headers, resume }
    },
    data(chunk) {
      if (isPassedOn) return target.data(chunk)
      chunks.push(chunk)
      bytes += chunk.length
      return bytes <= maxBytes || passOn()
    },
    end() {
      if (isPassedOn) target.end()
    },
    release() {
      if (isPassedOn || head === undefined) return
      isPassedOn = true
      const [only] = chunks
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
      target.whole(head.status, head.headers, body)
    },
  }
}
