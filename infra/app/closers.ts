export interface Closers {
  /** What is opened later is closed earlier. */
  add(close: () => Promise<void>): void
  /** Closes everything once, whatever fails on the way; then throws the first failure. The same promise for every call. */
  close(): Promise<void>
}

/** Keeps what must be closed, in the order in which it was opened. */
export function closers(): Closers {
  const opened: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined

  async function closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of opened.toReversed()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  return {
    add: (close) => void opened.push(close),
    close: () => (closing ??= closeAll()),
  }
}
