import { setTimeout as sleep } from 'node:timers/promises'

export interface Steady {
  /** Begins no more, and resolves when all that was begun is over. */
  stop(): Promise<void>
}

const most = 2_000

/** Begins `act` so many times a second, whatever it takes; what falls behind by more than `most` under way is not begun. */
export function steadily(perSecond: number, act: (n: number) => Promise<void>): Steady {
  const underWay = new Set<Promise<void>>()
  const began = performance.now()
  const stopping = new AbortController()
  let failure: { readonly error: unknown } | undefined

  async function run(): Promise<void> {
    for (let n = 0; !stopping.signal.aborted; n++) {
      const due = began + (n * 1_000) / perSecond
      const early = due - performance.now()
      if (early > 1) await sleep(early)
      if (underWay.size >= most) continue
      const one = act(n)
        .catch((error: unknown) => {
          failure = { error }
        })
        .finally(() => underWay.delete(one))
      underWay.add(one)
    }
    await Promise.all(underWay)
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
      if (failure !== undefined) throw failure.error
    },
  }
}
