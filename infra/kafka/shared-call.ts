/**
 * Many callers, few calls: one runs at a time, and whoever asks while it does shares the next. So an answer is never older than its question.
 */
export function sharedCall<T>(call: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | undefined
  return async () => {
    if (next === undefined) {
      next = last.then(async () => {
        next = undefined
        return await call()
      })
      last = next.catch(() => undefined)
    }
    return await next
  }
}
