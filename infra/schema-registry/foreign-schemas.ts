import { setTimeout as pause } from 'node:timers/promises'
import type { AvroJson } from '#schemas/avro/schema.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { OtherSchema } from '#schemas/ports/writer-identity.ts'
import type { RegistryClient } from './registry-client.ts'

export interface ForeignSchemasOptions {
  readonly client: Pick<RegistryClient, 'address' | 'schema' | 'holds'>
  readonly subjectOf: (topic: string) => string
  /** An id that the registry does not know is asked for this often: a replica of it may lag behind the writer's. */
  readonly attempts: number
  readonly pauseMs: number
  /** An id of ours: a registry that has not this one either has lost its schemas, and is not believed. */
  readonly witness: number
}

export interface ForeignSchemas {
  /**
   * The schema of an id met on a topic, once it is learned; that is kept for the life of the process. Until then throws
   * `schema-unknown`, retriable: the lookup it starts goes on behind its back. Throws `record-unreadable` for an id
   * that the registry does not know either.
   */
  readonly schema: (topic: string, id: number) => OtherSchema
  close(): void
}

/** Schemas that other programs, or newer releases, wrote with. */
export function foreignSchemas(options: ForeignSchemasOptions): ForeignSchemas {
  const { client, subjectOf, attempts, pauseMs, witness } = options
  const known = new Map<string, OtherSchema>()
  const absent = new Map<string, number>()
  const underWay = new Set<string>()
  const closing = new AbortController()
  let failure: unknown

  async function learn(key: string, topic: string, id: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const found = await client.schema(id)
      if (found !== undefined) {
        const json = schemaOf(found.text)
        const whole = json !== undefined && found.references.length === 0
        const belongs = await client.holds(subjectOf(topic), found.text)
        known.set(key, { json: whole ? json : 'null', unfit: belongs ? 'schema-unknown' : 'record-unreadable' })
        return
      }
      if (attempt >= attempts) break
      await pause(pauseMs, undefined, { signal: closing.signal })
    }
    if ((await client.schema(witness)) === undefined) {
      throw new MillraceError('store-failed', `${client.address} has lost our schema ${witness}`, { retriable: true })
    }
    if (absent.size >= mostAbsent) absent.clear()
    absent.set(key, performance.now() + absentMs)
  }

  function startLookup(key: string, topic: string, id: number): void {
    if (underWay.has(key) || closing.signal.aborted) return
    underWay.add(key)
    void learn(key, topic, id).then(
      () => {
        underWay.delete(key)
        failure = undefined
      },
      (error: unknown) => {
        underWay.delete(key)
        failure = error
      },
    )
  }

  return {
    schema(topic, id) {
      const key = `${topic} ${id}`
      const schema = known.get(key)
      if (schema !== undefined) return schema
      const facts = { subject: topic, schemaId: id }
      if ((absent.get(key) ?? 0) > performance.now()) {
        throw new MillraceError('record-unreadable', `${client.address} has no Avro schema ${id}`, { facts })
      }
      startLookup(key, topic, id)
      const so = failure instanceof Error ? `; the last lookup failed: ${failure.message}` : ''
      throw new MillraceError('schema-unknown', `schema ${id} of ${topic} is being looked up${so}`, {
        retriable: true,
        facts,
        ...(failure !== undefined && { cause: failure }),
      })
    },
    close: () => closing.abort(),
  }
}

/** An id that the registry did not know is not asked for again for so long. */
const absentMs = 300_000
const mostAbsent = 10_000

/** Undefined when it is not JSON, which no registry takes for Avro. */
function schemaOf(text: string): AvroJson | undefined {
  try {
    const json: AvroJson = JSON.parse(text)
    return json
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
