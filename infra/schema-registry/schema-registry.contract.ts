import { describe, expect, it, onTestFinished } from 'vitest'
import type { AvroJson } from '#schemas/avro/schema.ts'
import { topicSchemas } from '#schemas/avro/versions.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { WriterIdentity } from '#schemas/ports/writer-identity.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import { topicNames } from '#schemas/topics.ts'
import { openSchemaRegistry, type SchemaRegistry } from './schema-registry.ts'

export interface SchemaRegistrySubject {
  readonly url: string
  readonly codec: (identity?: WriterIdentity) => Codec
  /** A value as Avro binary, as another program writes it. */
  readonly encode: (schema: AvroJson, value: unknown) => Uint8Array
}

export const interaction: EventOf['interactions'] = {
  type: 'interaction',
  id: 'e-1',
  userId: 'ann',
  occurredAt: 1_700_000_000_000,
  acceptedAt: 1_700_000_000_250,
  action: 'rating',
  itemId: 'film-7',
  value: 4.5,
  sessionId: null,
  context: { device: 'phone' },
  attribution: { requestId: 'r-1', position: 3 },
  source: null,
  sequence: null,
  mended: false,
}

/** What every Confluent schema registry does with us; each test has its own subjects. */
export function schemaRegistryContract(name: string, { url, codec, encode }: SchemaRegistrySubject): void {
  const open = async (topicPrefix: string): Promise<SchemaRegistry> => {
    const registry = await openSchemaRegistry({ url, topicPrefix })
    onTestFinished(() => registry.close())
    return registry
  }

  describe(`Schema registry: ${name}`, () => {
    it('gives the id that stands before every event: a byte of 0, four bytes of id, then standard Avro binary', async () => {
      const prefix = anyPrefix()
      const { identity } = await open(prefix)
      const bytes = codec(identity).encodeEvent('interactions', interaction)
      const { id } = await versionOf(url, `${prefix}interactions-value`, 2)
      expect([...bytes.subarray(0, 5)]).toEqual([0, ...bigEndian(Number(id))])
      expect(bytes.subarray(5)).toEqual(codec().encodeEvent('interactions', interaction).subarray(2))
    })

    it('has every version of every topic, oldest first, in a subject that is backward compatible throughout', async () => {
      const prefix = anyPrefix()
      await open(prefix)
      for (const topic of topicNames) {
        const subject = `${prefix}${topic}-value`
        for (const index of topicSchemas[topic].keys()) {
          expect(await versionOf(url, subject, index + 1)).toMatchObject({ version: index + 1 })
        }
        expect(await versionOf(url, subject, topicSchemas[topic].length + 1)).toMatchObject({ error_code: 40_402 })
        const config = await fetch(`${url}/config/${subject}`)
        expect(await config.json()).toMatchObject({ compatibilityLevel: 'BACKWARD_TRANSITIVE' })
      }
    })

    it('gives the same ids to a second process, to one at the same time and to a restarted one', async () => {
      const prefix = anyPrefix()
      const both = await Promise.all([open(prefix), open(prefix)])
      const heads = [...both, await open(prefix)].map(({ identity }) =>
        [...codec(identity).encodeEvent('interactions', interaction).subarray(0, 5)].join(),
      )
      expect(new Set(heads).size).toBe(1)
      expect(await versionOf(url, `${prefix}interactions-value`, 3)).toMatchObject({ error_code: 40_402 })
    })

    it('reads older versions of ours by their own id', async () => {
      const prefix = anyPrefix()
      const { identity } = await open(prefix)
      const { id } = await versionOf(url, `${prefix}interactions-value`, 1)
      const erase = { type: 'erase', id: 'e', userId: 'ann', occurredAt: 1, acceptedAt: 2 } as const
      const bytes = encode(topicSchemas.interactions[0].json, erase)
      expect(codec(identity).decodeEvent('interactions', withHeader(Number(id), bytes))).toStrictEqual(erase)
    })

    it('refuses to start where a schema of ours does not fit what is registered', async () => {
      const prefix = anyPrefix()
      const subject = `${prefix}items-value`
      await registerForeign(url, subject, { type: 'record', name: 'Other', fields: [{ name: 'a', type: 'int' }] })
      await expect(open(prefix)).rejects.toMatchObject({
        code: 'configuration-invalid',
        retriable: false,
        message: expect.stringContaining('incompatible'),
        facts: { subject, version: 1 },
      })
    })

    it('has the schemas of other programs, whose events are read into our shape once theirs is known', async () => {
      const prefix = anyPrefix()
      const { identity } = await open(prefix)
      const id = await registerForeign(url, `${prefix}interactions-value`, foreignSchema)
      const reader = codec(identity)
      const bytes = withHeader(id, encode(foreignSchema, { ...interaction, shop: 'berlin' }))
      await expect.poll(() => reader.decodeEvent('interactions', bytes), { timeout: 10_000 }).toStrictEqual(interaction)
    })
  })
}

export function anyPrefix(): string {
  return `t${crypto.randomUUID().slice(0, 8)}.`
}

export function withHeader(id: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(0, ...bigEndian(id), ...bytes)
}

/** As another program registers its own. Answers the id. */
export async function registerForeign(url: string, subject: string, schema: AvroJson): Promise<number> {
  const answer = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  })
  const { id } = (await answer.json()) as { id?: unknown }
  if (typeof id !== 'number') throw new Error(`${url} did not register ${subject}: ${answer.status}`)
  return id
}

/** Today's interactions with the branches and the fields the other way round, and a field of its own. */
export const foreignSchema: AvroJson = reversed(JSON.parse(JSON.stringify(topicSchemas.interactions.at(-1)?.json)))

function reversed(branches: readonly { name: string; fields: readonly AvroJson[] }[]): AvroJson {
  const shop = { name: 'shop', type: 'string', default: '' }
  return branches
    .map((branch) => ({ ...branch, type: 'record', fields: [shop, ...branch.fields.toReversed()] }))
    .toReversed()
}

async function versionOf(url: string, subject: string, version: number): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/subjects/${subject}/versions/${version}`)
  return (await answer.json()) as Record<string, unknown>
}

function bigEndian(id: number): number[] {
  return [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff]
}
