import { readFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isMillraceError, type MillraceError } from '#schemas/errors.ts'
import { codecContract } from '#schemas/ports/codec.contract.ts'
import { policyOf } from '#stream-processors/runtime/dead-letters.ts'
import { avroCodec } from '../avro/codec.ts'
import { avroType } from '../avro/types.ts'
import { makeCertificates } from '../servers/certificates.fixture.ts'
import { temporaryFolder } from '../servers/temporary-folder.fixture.ts'
import { registryDouble, type RegistryDouble } from './registry-double.fixture.ts'
import {
  anyPrefix,
  foreignSchema,
  interaction,
  registerForeign,
  schemaRegistryContract,
  withHeader,
} from './schema-registry.contract.ts'
import { openSchemaRegistry, type SchemaRegistry, type SchemaRegistryOptions } from './schema-registry.ts'

const shared = await registryDouble({ canRead })

const codec = (identity?: SchemaRegistry['identity']) => avroCodec(identity === undefined ? {} : { identity })
schemaRegistryContract('wire-level double', {
  url: shared.url,
  codec,
  encode: (schema, value) => avroType(schema).toBuffer(value),
})

codecContract('Avro in the Confluent wire format', codec((await openSchemaRegistry({ url: shared.url })).identity))

function canRead(reader: unknown, writer: unknown): boolean {
  try {
    avroType(reader as string).createResolver(avroType(writer as string))
    return true
  } catch {
    return false
  }
}

async function ownDouble(login?: { user: string; password: string }): Promise<RegistryDouble> {
  const double = await registryDouble({ canRead, ...(login !== undefined && { login }) })
  onTestFinished(() => double.stop())
  return double
}

async function open(double: RegistryDouble, options: Partial<SchemaRegistryOptions> = {}): Promise<SchemaRegistry> {
  const registry = await openSchemaRegistry({ url: double.url, lookupPauseMs: 1, ...options })
  onTestFinished(() => registry.close())
  return registry
}

function failureOf(act: () => unknown): MillraceError {
  try {
    act()
  } catch (error) {
    if (isMillraceError(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}

const foreignBytes = (id: number) => withHeader(id, avroType(foreignSchema).toBuffer({ ...interaction, shop: '' }))

describe('A schema registry that is down', () => {
  it('at the start is said to be, with its address and without its login', async () => {
    const double = await ownDouble()
    await double.stop()
    const url = double.url.replace('//', '//ann:secret@')
    const failure = await openSchemaRegistry({ url }).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'store-failed',
      retriable: true,
      message: expect.stringContaining(`the schema registry at ${double.url} did not answer`),
    })
    expect(String(failure)).not.toContain('secret')
  })

  it('in the middle of an answer is as good as one that does not answer', async () => {
    const double = await ownDouble()
    double.cutAnswers(1_000)
    await expect(open(double, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    double.cutAnswers(0)
    await open(double)
  })

  it('later on stops nobody from writing, nor from reading what was registered or learned', async () => {
    const double = await ownDouble()
    const reader = codec((await open(double)).identity)
    const id = await registerForeign(double.url, 'interactions-value', foreignSchema)
    await expect.poll(() => reader.decodeEvent('interactions', foreignBytes(id))).toStrictEqual(interaction)
    await double.stop()
    const bytes = reader.encodeEvent('interactions', interaction)
    expect(reader.decodeEvent('interactions', bytes)).toStrictEqual(interaction)
    expect(reader.decodeEvent('interactions', foreignBytes(id))).toStrictEqual(interaction)
  })

  it('holds up a record of an id never seen, which is read once the registry is back', async () => {
    const double = await ownDouble()
    const reader = codec((await open(double)).identity)
    const id = await registerForeign(double.url, 'interactions-value', foreignSchema)
    await double.stop()
    const read = () => reader.decodeEvent('interactions', foreignBytes(id))
    expect(failureOf(read)).toMatchObject({ code: 'schema-unknown', retriable: true })
    expect(policyOf('schema-unknown')).toBe('stop')
    await expect.poll(() => failureOf(read).message, { timeout: 10_000 }).toContain('did not answer')
    await double.start()
    await expect.poll(read, { timeout: 10_000 }).toStrictEqual(interaction)
  })
})

describe('A record of another program', () => {
  it('is looked up once, however often it is met meanwhile', async () => {
    const double = await ownDouble()
    const reader = codec((await open(double)).identity)
    const id = await registerForeign(double.url, 'interactions-value', foreignSchema)
    for (let i = 0; i < 100; i++) failureOf(() => reader.decodeEvent('interactions', foreignBytes(id)))
    await expect.poll(() => reader.decodeEvent('interactions', foreignBytes(id))).toStrictEqual(interaction)
    expect(double.requests.filter((request) => request.startsWith('GET /schemas/ids'))).toHaveLength(1)
  })

  it('without the header goes to the dead letters', async () => {
    const reader = codec((await open(await ownDouble())).identity)
    const headless = codec().encodeEvent('interactions', interaction)
    for (const bytes of [headless, Uint8Array.of(), Uint8Array.of(0, 0, 0, 0), new TextEncoder().encode('{"id":1}')]) {
      expect(policyOf(failureOf(() => reader.decodeEvent('interactions', bytes)).code)).toBe('dead-letter')
    }
  })

  it('of an id the registry does not know goes to the dead letters, once it has been asked', async () => {
    const reader = codec((await open(await ownDouble())).identity)
    const read = () => failureOf(() => reader.decodeEvent('interactions', foreignBytes(4_321))).code
    expect(read()).toBe('schema-unknown')
    await expect.poll(read).toBe('record-unreadable')
  })

  it('stays where it is when the registry has lost our schemas too', async () => {
    const double = await ownDouble()
    const reader = codec((await open(double)).identity)
    double.forget()
    const read = () => failureOf(() => reader.decodeEvent('interactions', foreignBytes(4_321)))
    await expect.poll(() => read().message).toContain('has lost our schema')
    expect(read()).toMatchObject({ code: 'schema-unknown', retriable: true })
  })

  it('of a schema of another subject that cannot be read as ours goes to the dead letters', async () => {
    const double = await ownDouble()
    const reader = codec((await open(double)).identity)
    const id = await registerForeign(double.url, 'orders-value', 'string')
    const read = () => failureOf(() => reader.decodeEvent('interactions', withHeader(id, Uint8Array.of(2, 65)))).code
    await expect.poll(read).toBe('record-unreadable')
  })

  it('of a newer release that cannot be read yet stops the task for good', async () => {
    const double = await ownDouble()
    const reader = codec((await open(double)).identity)
    const pause = { type: 'record', name: 'Pause', fields: [{ name: 'until', type: 'long' }] }
    const newer = [...(foreignSchema as readonly string[]), pause]
    const id = await registerForeign(double.url, 'interactions-value', newer)
    const read = () => failureOf(() => reader.decodeEvent('interactions', withHeader(id, Uint8Array.of(6, 2))))
    await expect.poll(() => read().retriable).toBe(false)
    expect(read().code).toBe('schema-unknown')
  })

  it('of a compatible schema is refused where it is cut short', async () => {
    const double = await ownDouble()
    const reader = codec((await open(double)).identity)
    const id = await registerForeign(double.url, 'interactions-value', foreignSchema)
    await expect.poll(() => reader.decodeEvent('interactions', foreignBytes(id))).toStrictEqual(interaction)
    const cut = foreignBytes(id).slice(0, -3)
    expect(failureOf(() => reader.decodeEvent('interactions', cut)).code).toBe('record-unreadable')
  })
})

describe('Starting', () => {
  it('ends with the subject that refused and the reason the registry gave', async () => {
    const double = await ownDouble()
    const prefix = anyPrefix()
    const subject = `${prefix}items-value`
    await registerForeign(double.url, subject, { type: 'record', name: 'Other', fields: [] })
    const failure = await openSchemaRegistry({ url: double.url, topicPrefix: prefix }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'configuration-invalid', facts: { subject, status: 409 } })
    expect(String(failure)).toContain(`incompatible with an earlier schema for subject "${subject}"`)
  })

  it('asks with the login, and says so when it is refused', async () => {
    const double = await ownDouble({ user: 'ann', password: 'secret' })
    await open(double, { user: 'ann', password: 'secret' })
    const refused = await openSchemaRegistry({ url: double.url, user: 'ann', password: 'wrong-one' }).catch(String)
    expect(refused).toContain('refused with status 401: Unauthorized')
    expect(refused).not.toContain('wrong-one')
  })

  it('requires of a subject that newer versions read all older ones before it registers any', async () => {
    const double = await ownDouble()
    await open(double)
    const ofItems = double.requests.filter((request) => request.includes('/items-value'))
    expect(ofItems.slice(0, 2)).toEqual(['GET /config/items-value', 'PUT /config/items-value'])
    expect(ofItems.slice(2)).toEqual(ofItems.slice(2).map(() => 'POST /subjects/items-value/versions'))
    expect(ofItems.length).toBeGreaterThan(2)
  })

  it('speaks TLS to a registry whose authority it is given, showing its own certificate where one is asked for', async () => {
    await using folder = await temporaryFolder()
    const { server, client } = await makeCertificates(folder.path)
    const read = (file: string) => readFile(file, 'utf8')
    const ca = await read(server.caFile)
    const tls = { ca, key: await read(server.keyFile), cert: await read(server.certFile) }
    const double = await registryDouble({ canRead, tls })
    onTestFinished(() => double.stop())
    const own = { ca, key: await read(client.keyFile), cert: await read(client.certFile) }
    const reader = codec((await open(double, { tls: own })).identity)
    expect(reader.encodeEvent('interactions', interaction)[0]).toBe(0)
    for (const wrong of [{}, { ca }, { key: own.key, cert: own.cert }]) {
      await expect(open(double, { tls: wrong })).rejects.toMatchObject({ code: 'store-failed' })
    }
  })

  it('refuses an address that is none', async () => {
    await expect(openSchemaRegistry({ url: 'kafka:8081' })).rejects.toMatchObject({ code: 'configuration-invalid' })
  })
})
