import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Config } from '../../app/config-keys.ts'
import type { StoreTraffic } from './counted-store.ts'

export type ProcessorAsk =
  | { readonly type: 'start'; readonly config: Config }
  | { readonly type: 'state' }
  | { readonly type: 'stop' }

export type ProcessorSaid =
  | { readonly type: 'started' }
  | { readonly type: 'state'; readonly traffic: StoreTraffic; readonly partitions: number }

/** One process role in a process of its own. */
export interface Processor {
  readonly pid: number
  /** Rows read and written so far, and how many partitions it owns. */
  state(): Promise<{ readonly traffic: StoreTraffic; readonly partitions: number }>
  stop(): Promise<void>
}

/** Resolves once the role has started; the partitions come later. */
export async function startProcessor(config: Config): Promise<Processor> {
  const child = fork(new URL('./processor-child.ts', import.meta.url), { execArgv: [] })
  const waiting: PromiseWithResolvers<ProcessorSaid>[] = []
  let ended = false
  child.on('message', (said: ProcessorSaid) => waiting.shift()?.resolve(said))
  child.on('exit', (code) => {
    ended = true
    for (const asked of waiting) asked.reject(new Error(`the processor ended with ${code}`))
  })
  async function ask(question: ProcessorAsk): Promise<ProcessorSaid> {
    if (ended) throw new Error('the processor has ended')
    const asked = Promise.withResolvers<ProcessorSaid>()
    waiting.push(asked)
    child.send(question)
    return asked.promise
  }
  await ask({ type: 'start', config })
  return {
    pid: child.pid!,
    async state() {
      const said = await ask({ type: 'state' })
      if (said.type === 'state') return said
      throw new Error(`the processor said ${said.type}`)
    },
    async stop() {
      if (ended) return
      const exit = once(child, 'exit')
      child.send({ type: 'stop' } satisfies ProcessorAsk)
      await exit
    },
  }
}
