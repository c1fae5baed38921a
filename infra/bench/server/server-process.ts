import { serverFlags } from './server-flags.ts'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Config } from '../../app/config-keys.ts'
import type { Ask, Said, ServerState } from './messages.ts'
import { parseScrape, type Scrape } from './scrape.ts'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string
  state(): Promise<ServerState>
  /** Resolves once what it took in is folded and served. */
  caughtUp(): Promise<void>
  scrape(): Promise<Scrape>
  stop(): Promise<void>
}

/** Everything in one process on a data folder, on a free port, without a schedule; resolves once it has caught up. */
export function standaloneProcess(dataDir: string, config: Partial<Config> = {}): Promise<ServerProcess> {
  const ask = { type: 'start', config: { dataDir, port: 0, trainCron: '', ...config } } as const
  return start(new URL('./standalone-process.ts', import.meta.url), ask)
}

/** Bare Fastify that parses a POST and answers each request with the next of these bodies. */
export function bareProcess(answers: readonly string[]): Promise<ServerProcess> {
  return start(new URL('./bare-process.ts', import.meta.url), { type: 'start-bare', answers })
}

/** A gateway in front of instances that ingest and serve; it is not asked for its state. */
export function gatewayProcess(urls: readonly string[]): Promise<ServerProcess> {
  return start(new URL('./gateway-process.ts', import.meta.url), { type: 'start-gateway', urls })
}

async function start(entry: URL, first: Ask): Promise<ServerProcess> {
  const child = fork(entry, { execArgv: [...serverFlags] })
  const waiting: PromiseWithResolvers<Said>[] = []
  let ended = false
  child.on('message', (said: Said) => waiting.shift()?.resolve(said))
  child.on('exit', (code) => {
    ended = true
    for (const asked of waiting) asked.reject(new Error(`the server ended with ${code}`))
  })

  async function ask<T extends Said['type']>(question: Ask, type: T): Promise<Extract<Said, { type: T }>> {
    if (ended) throw new Error('the server has ended')
    const asked = Promise.withResolvers<Said>()
    waiting.push(asked)
    child.send(question)
    const said = await asked.promise
    if (isOfType(said, type)) return said
    throw new Error(`the server said ${said.type}, not ${type}`)
  }

  const { url } = await ask(first, 'listening')
  return {
    url,
    state: () => ask({ type: 'state' }, 'state'),
    async caughtUp() {
      await ask({ type: 'caught-up' }, 'caught-up')
    },
    async scrape() {
      const answer = await fetch(`${url}/metrics`)
      return parseScrape(await answer.text())
    },
    async stop() {
      if (ended) return
      const exit = once(child, 'exit')
      child.send({ type: 'stop' } satisfies Ask)
      await exit
    },
  }
}

function isOfType<T extends Said['type']>(said: Said, type: T): said is Extract<Said, { type: T }> {
  return said.type === type
}
