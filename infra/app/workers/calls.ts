import type { MessagePort } from 'node:worker_threads'
import { errorCodes, isMillraceError, MillraceError, type ErrorCode } from '#schemas/errors.ts'

interface Call {
  readonly type: 'call'
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

type Answer =
  | { readonly type: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly failure: Failure }

/** An error as it crosses threads: structured cloning keeps neither class nor code. */
export interface Failure {
  readonly message: string
  readonly code: ErrorCode | undefined
  readonly retriable: boolean
  readonly facts: Readonly<Record<string, unknown>>
}

type Methods = { readonly [name: string]: (...args: never[]) => Promise<unknown> }

/** The other end's methods as functions here. Every argument and result crosses by structured cloning. */
export type Remote<M> = {
  readonly [K in keyof M]: M[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => Promise<R> : never
}

/** Answers calls that come in through a port. */
export function serveCalls(port: MessagePort, methods: Methods): void {
  port.on('message', (message: Call | Answer) => {
    if (message.type !== 'call') return
    const method: ((...args: never[]) => Promise<unknown>) | undefined = methods[message.method]
    void answer(message, method).then((said) => port.postMessage(said))
  })
}

async function answer(
  { id, method: name, args }: Call,
  method: ((...args: never[]) => Promise<unknown>) | undefined,
): Promise<Answer> {
  try {
    if (method === undefined) throw new MillraceError('broken-invariant', `no method ${name}`)
    return { type: 'answer', id, result: await method(...(args as never[])) }
  } catch (error) {
    return { type: 'failure', id, failure: failureOf(error) }
  }
}

/** Calls the methods of the other end of a port. */
export function remoteCalls<M>(port: MessagePort): Remote<M> {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: unknown) => void }>()
  let calls = 0
  port.on('message', (message: Call | Answer) => {
    if (message.type === 'call') return
    const waiter = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.type === 'answer') waiter?.resolve(message.result)
    else waiter?.reject(errorOf(message.failure))
  })
  const call =
    (method: string) =>
    (...args: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = calls++
        waiting.set(id, { resolve, reject })
        port.postMessage({ type: 'call', id, method, args } satisfies Call)
      })
  return new Proxy({}, { get: (_, method) => (typeof method === 'string' ? call(method) : undefined) }) as Remote<M>
}

export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if (!isMillraceError(error)) return { message, code: undefined, retriable: false, facts: {} }
  return { message, code: error.code, retriable: error.retriable, facts: plain(error.facts) }
}

export function errorOf({ message, code, retriable, facts }: Failure): Error {
  if (code === undefined || !errorCodes.includes(code)) return new Error(message)
  return new MillraceError(code, message, { retriable, facts })
}

/** Only what survives structured cloning. */
function plain(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => typeof value !== 'function'))
}
