export interface GroupCommit<T> {
  /** Resolves when the commit that holds the item is through, rejects as it does. */
  submit(item: T): Promise<void>
  /** Resolves when nothing submitted so far is waiting or under way. */
  idle(): Promise<void>
}

/**
 * Gathers what is submitted in one turn of the event loop, and while a commit is under way, into the next commit: one
 * at a time, in the order submitted. The slower the disk, the larger the groups.
 */
export function groupCommit<T>(commit: (items: readonly T[]) => Promise<void>): GroupCommit<T> {
  let waiting: { readonly item: T; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve))
      const group = waiting
      waiting = []
      try {
        await commit(group.map(({ item }) => item))
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    } while (waiting.length > 0)
    running = undefined
  }

  return {
    async submit(item) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ item, resolve, reject })
      running ??= run()
      await promise
    },
    async idle() {
      await running
    },
  }
}
