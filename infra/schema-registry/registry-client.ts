import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import type registryApi from '@kafkajs/confluent-schema-registry/dist/api/index.js'
import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { MillraceError } from '#schemas/errors.ts'
import { refusal, registryFailure } from './registry-failure.ts'

export interface RegistryClientOptions {
  /** `http://` or `https://`, with a path where the registry lies below one. */
  readonly url: string
  readonly user?: string
  readonly password?: string
  readonly tls?: RegistryTls
  /** A call, its retries included, is given up after this. */
  readonly timeoutMs: number
}

/** PEM texts. */
export interface RegistryTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface RegisteredSchema {
  readonly text: string
  /** Schemas of other subjects that the text stands on. */
  readonly references: readonly unknown[]
}

/**
 * What we ask a Confluent schema registry. `store-failed` (retriable) when it does not answer, `configuration-invalid`
 * when it refuses, each with its own reason. All of it may be asked twice.
 */
export interface RegistryClient {
  readonly address: string
  /** Only versions that read every older one may be registered under the subject from now on. */
  requireBackwardTransitive(subject: string): Promise<void>
  /** The id of the schema, which a subject keeps from the first time. */
  register(subject: string, schema: string): Promise<number>
  /** Undefined when the registry has no such id. */
  schema(id: number): Promise<RegisteredSchema | undefined>
  /** Whether the schema is one of the subject's versions. */
  holds(subject: string, schema: string): Promise<boolean>
  close(): void
}

/**
 * The REST client of @kafkajs/confluent-schema-registry. Its `SchemaRegistry` above it is of no use here: it refuses
 * to register a union, which the events of a topic are, and it decodes asynchronously.
 */
export function registryClient(options: RegistryClientOptions): RegistryClient {
  const { url, user = '', password = '', timeoutMs } = options
  const address = addressOf(url)
  const agent = agentOf(address, options.tls)
  const { Schema, Subject } = api.default({
    host: address,
    clientId: 'millrace',
    agent,
    retry: { retries: 3, enableRetry: () => true },
    ...(user !== '' && { auth: { username: user, password } }),
  })

  /** The client never settles when a connection ends within an answer, so its calls are timed here. */
  async function ask<S extends TSchema>(
    call: (signal: AbortSignal) => Promise<{ data(): unknown }>,
    answer: S,
  ): Promise<Static<S>> {
    const giveUp = new AbortController()
    let timer: NodeJS.Timeout | undefined
    try {
      const tooLate = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new Error(`no answer within ${timeoutMs} ms`))
          giveUp.abort()
        }, timeoutMs)
      })
      const value = (await Promise.race([call(giveUp.signal), tooLate])).data()
      if (Value.Check(answer, value)) return value
    } catch (error) {
      throw registryFailure(address, error)
    } finally {
      clearTimeout(timer)
    }
    throw new MillraceError('configuration-invalid', `${address} does not answer as a schema registry does`)
  }

  return {
    address,
    async requireBackwardTransitive(subject) {
      const known = await orAbsent(() => ask((signal) => Subject.config({ subject, signal }), anyConfig))
      if (known?.compatibilityLevel === level) return
      const body = { compatibility: level }
      await ask((signal) => Subject.updateConfig({ subject, body, signal }), anyObject)
    },
    async register(subject, schema) {
      return (await ask((signal) => Subject.register({ subject, body: { schema }, signal }), registered)).id
    },
    async schema(id) {
      const found = await orAbsent(() => ask((signal) => Schema.find({ id, signal }), stored))
      if (found === undefined) return undefined
      if (found.schemaType !== undefined && found.schemaType !== 'AVRO') return undefined
      return { text: found.schema, references: found.references ?? [] }
    },
    async holds(subject, schema) {
      const body = { schema }
      const found = await orAbsent(() => ask((signal) => Subject.registered({ subject, body, signal }), registered))
      return found !== undefined
    },
    close: () => agent.destroy(),
  }
}

/** Required rather than imported: test runners and Node disagree about the default export of such a module. */
const api: typeof registryApi = createRequire(import.meta.url)('@kafkajs/confluent-schema-registry/dist/api/index.js')

const level = 'BACKWARD_TRANSITIVE'
const anyObject = Type.Object({})
const anyConfig = Type.Object({ compatibilityLevel: Type.Optional(Type.String()) })
const registered = Type.Object({ id: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }) })
const stored = Type.Object({
  schema: Type.String(),
  schemaType: Type.Optional(Type.String()),
  references: Type.Optional(Type.Array(Type.Unknown())),
})

async function orAbsent<Answer>(act: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await act()
  } catch (error) {
    if (refusal(error) === 404) return undefined
    throw error
  }
}

/** The URL without a login in it, which has no place in messages, and without the slash at its end. */
function addressOf(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new MillraceError('configuration-invalid', 'schemaRegistryUrl is not an http:// or https:// address')
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
}

function agentOf(address: string, tls: RegistryTls = {}): http.Agent {
  const options = { keepAlive: true, maxSockets: 4 }
  return address.startsWith('https:') ? new https.Agent({ ...options, ...tls }) : new http.Agent(options)
}
