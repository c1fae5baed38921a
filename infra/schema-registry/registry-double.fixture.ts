import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface RegistryDoubleOptions {
  /** Whether Avro's schema resolution reads what was written with the second into the first. */
  readonly canRead: (reader: unknown, writer: unknown) => boolean
  /** Asked for as HTTP Basic when given. */
  readonly login?: { readonly user: string; readonly password: string }
  /** PEM texts: it speaks TLS, and clients must show a certificate of the authority. */
  readonly tls?: { readonly ca: string; readonly key: string; readonly cert: string }
}

/** A schema registry on the wire, for tests: what the Confluent REST API answers to the calls we make. */
export interface RegistryDouble {
  readonly url: string
  /** Every request so far, as `POST /subjects/…`. */
  readonly requests: readonly string[]
  /** Refuses connections until `start`; what is registered stays. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Drops a connection in the middle of its answer, as often as it says. */
  cutAnswers(times: number): void
  /** Loses all that is registered. */
  forget(): void
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

export async function registryDouble(options: RegistryDoubleOptions): Promise<RegistryDouble> {
  const requests: string[] = []
  const state = emptyState()
  let port = 0
  let cuts = 0
  let server: Server | undefined

  async function start(): Promise<void> {
    const listener: RequestListener = (request, response) => {
      requests.push(`${request.method} ${request.url}`)
      void answerTo(options, state, request).then(({ status, body }) => {
        const text = JSON.stringify(body)
        response.writeHead(status, {
          'content-type': 'application/vnd.schemaregistry.v1+json',
          'content-length': Buffer.byteLength(text),
        })
        if (cuts > 0) {
          cuts--
          response.write(text.slice(0, 1), () => response.destroy())
        } else response.end(text)
      })
    }
    const { tls } = options
    const asked = { requestCert: true, rejectUnauthorized: true }
    const next = tls === undefined ? createServer(listener) : createTlsServer({ ...tls, ...asked }, listener)
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve))
    port = (next.address() as AddressInfo).port
    server = next
  }

  await start()
  return {
    get url() {
      return `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    },
    requests,
    start,
    async stop() {
      const closing = server
      server = undefined
      closing?.closeAllConnections()
      await new Promise<void>((resolve) => (closing === undefined ? resolve() : closing.close(() => resolve())))
    },
    cutAnswers(times) {
      cuts = times
    },
    forget: () => Object.assign(state, emptyState()),
  }
}

interface State {
  /** Schema texts by id, from 1. */
  texts: string[]
  /** Ids by subject and version, from 1. */
  subjects: Map<string, number[]>
  levels: Map<string, string>
}

function emptyState(): State {
  return { texts: [], subjects: new Map(), levels: new Map() }
}

async function answerTo(options: RegistryDoubleOptions, state: State, request: IncomingMessage): Promise<Answer> {
  const body: Record<string, unknown> =
    request.method === 'GET' ? {} : ((await json(request)) as Record<string, unknown>)
  if (!isAllowed(options, request)) return { status: 401, body: { error_code: 401, message: 'Unauthorized' } }
  const [, first = '', second = '', third = '', version = ''] = (request.url ?? '').split('/').map(decodeURIComponent)
  switch (`${request.method} ${first === 'subjects' ? `${first}/${third}` : first}`) {
    case 'GET config':
      return state.levels.has(second) ? ok({ compatibilityLevel: state.levels.get(second) }) : missing(40_408)
    case 'PUT config':
      state.levels.set(second, String(body['compatibility']))
      return ok(body)
    case 'GET schemas':
      return state.texts[Number(third) - 1] === undefined
        ? missing(40_403)
        : ok({ schema: state.texts[Number(third) - 1] })
    case 'POST subjects/versions':
      return register(options, state, second, String(body['schema']))
    case 'POST subjects/':
      return lookup(state, second, String(body['schema']))
    case 'GET subjects/versions': {
      const id = state.subjects.get(second)?.[Number(version) - 1]
      return id === undefined
        ? missing(40_402)
        : ok({ subject: second, id, version: Number(version), schema: state.texts[id - 1] })
    }
    default:
      return missing(404)
  }
}

function register(options: RegistryDoubleOptions, state: State, subject: string, text: string): Answer {
  const known = state.subjects.get(subject) ?? []
  let id = state.texts.indexOf(text) + 1
  if (known.includes(id)) return ok({ id })
  const older = known.map((each) => JSON.parse(state.texts[each - 1] ?? 'null') as unknown)
  const level = state.levels.get(subject) ?? 'BACKWARD'
  const checked = level === 'NONE' ? [] : level === 'BACKWARD' ? older.slice(-1) : older
  if (!checked.every((writer) => options.canRead(JSON.parse(text), writer))) {
    const message = 'Schema being registered is incompatible with an earlier schema'
    return { status: 409, body: { error_code: 409, message: `${message} for subject "${subject}"` } }
  }
  if (id === 0) id = state.texts.push(text)
  state.subjects.set(subject, [...known, id])
  return ok({ id })
}

function lookup(state: State, subject: string, text: string): Answer {
  const known = state.subjects.get(subject)
  if (known === undefined) return missing(40_401)
  const id = state.texts.indexOf(text) + 1
  const version = known.indexOf(id) + 1
  return version === 0 ? missing(40_403) : ok({ subject, id, version, schema: text })
}

function ok(body: unknown): Answer {
  return { status: 200, body }
}

function missing(code: number): Answer {
  return { status: 404, body: { error_code: code, message: 'Not found.' } }
}

function isAllowed({ login }: RegistryDoubleOptions, request: IncomingMessage): boolean {
  if (login === undefined) return true
  const expected = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
  return request.headers.authorization === expected
}
