import type { AnswerTarget } from './held-answer.ts'

export interface WholeAnswer extends AnswerTarget {
  /** Undefined unless there is one and its body is JSON. */
  answer(): { readonly status: number; readonly body: unknown } | undefined
}

/** Gathers an answer in memory. */
export function wholeAnswer(): WholeAnswer {
  let status: number | undefined
  const chunks: Uint8Array[] = []
  return {
    head(given) {
      status = given
    },
    data(chunk) {
      chunks.push(chunk)
      return true
    },
    end() {},
    whole(given, _, body) {
      status = given
      chunks.push(body)
    },
    answer() {
      if (status === undefined) return undefined
      try {
        return { status, body: JSON.parse(Buffer.concat(chunks).toString()) }
      } catch (error) {
        if (error instanceof SyntaxError) return undefined
        throw error
      }
    },
  }
}
