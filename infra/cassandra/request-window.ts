/** Bounds what is under way, across all callers. */
export interface RequestWindow {
  /**
   * Calls `start` for 0 to `count - 1` and resolves when all have. Callers take turns, one request each, so that a few
   * requests do not wait for thousands. After a failure nothing more of this call is started; it rejects when what was
   * under way has settled.
   */
  all(count: number, start: (index: number) => Promise<unknown>): Promise<void>
}

interface Call {
  readonly count: number
  readonly start: (index: number) => Promise<unknown>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  next: number
  underWay: number
  failure?: { readonly error: unknown }
}

/** At most `width` requests under way. */
export function requestWindow(width: number, onChange: (inUse: number) => void = () => {}): RequestWindow {
  const waiting: Call[] = []
  let inUse = 0

  function settle(call: Call): void {
    inUse--
    call.underWay--
    if (call.underWay === 0) {
      if (call.failure !== undefined) call.reject(call.failure.error)
      else if (call.next === call.count) call.resolve()
    }
    fill()
  }

  function begin(call: Call): void {
    const index = call.next++
    if (call.next < call.count) waiting.push(call)
    inUse++
    call.underWay++
    call.start(index).then(
      () => settle(call),
      (error: unknown) => {
        call.failure ??= { error }
        settle(call)
      },
    )
  }

  function fill(): void {
    while (inUse < width) {
      const call = waiting.shift()
      if (call === undefined) break
      if (call.failure === undefined) begin(call)
    }
    onChange(inUse)
  }

  return {
    all(count, start) {
      if (count === 0) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push({ count, start, resolve, reject, next: 0, underWay: 0 })
        fill()
      })
    },
  }
}
