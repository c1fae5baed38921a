import { topicSchemas } from '#schemas/avro/versions.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { WriterIdentity } from '#schemas/ports/writer-identity.ts'
import { topicNames, type TopicName } from '#schemas/topics.ts'
import { confluentIdentity } from './confluent-identity.ts'
import { foreignSchemas } from './foreign-schemas.ts'
import { publishedText } from './published-text.ts'
import { registryClient, type RegistryClient, type RegistryTls } from './registry-client.ts'
import { refusal } from './registry-failure.ts'

export interface SchemaRegistryOptions {
  readonly url: string
  readonly user?: string
  readonly password?: string
  readonly tls?: RegistryTls
  /** What stands before every topic's name on Kafka, and so before its subject. Default none. */
  readonly topicPrefix?: string
  /** A call, its retries included, is given up after this. Default 10,000. */
  readonly timeoutMs?: number
  /** An id that the registry does not know is asked for this often, this far apart. Default 3 times, 500 ms. */
  readonly lookups?: number
  readonly lookupPauseMs?: number
}

export interface SchemaRegistry {
  /** For `avroCodec`: the Confluent header on every event. */
  readonly identity: WriterIdentity
  close(): void
}

/**
 * Registers every version of every topic's schema under `<prefix><topic>-value`, oldest first, each subject being
 * BACKWARD_TRANSITIVE before anything is registered under it. Several processes may do so at once, and again.
 * Throws `configuration-invalid` when the registry refuses a schema or the login, naming the subject and its reason;
 * `store-failed` (retriable) when it does not answer.
 */
export async function openSchemaRegistry(options: SchemaRegistryOptions): Promise<SchemaRegistry> {
  const { topicPrefix = '', timeoutMs = 10_000, lookups = 3, lookupPauseMs = 500, ...connection } = options
  const client = registryClient({ ...connection, timeoutMs })
  const subjectOf = (topic: string) => `${topicPrefix}${topic}-value`
  try {
    const registered = await Promise.all(
      topicNames.map(async (topic) => [topic, await registerVersions(client, topic, subjectOf(topic))] as const),
    )
    const witness = registered[0]![1][0]!
    const foreign = foreignSchemas({ client, subjectOf, attempts: lookups, pauseMs: lookupPauseMs, witness })
    return {
      identity: confluentIdentity(new Map(registered), foreign.schema),
      close() {
        foreign.close()
        client.close()
      },
    }
  } catch (error) {
    client.close()
    throw error
  }
}

/** The ids of the topic's versions, in order. */
async function registerVersions(client: RegistryClient, topic: TopicName, subject: string): Promise<readonly number[]> {
  const ids: number[] = []
  try {
    await client.requireBackwardTransitive(subject)
    for (const { json } of topicSchemas[topic]) ids.push(await client.register(subject, publishedText(json)))
  } catch (cause) {
    if (refusal(cause) !== 409 || !(cause instanceof MillraceError)) throw cause
    const version = ids.length + 1
    throw new MillraceError(
      'configuration-invalid',
      `version ${version} of our schema of ${topic} does not fit what is registered as ${subject}; nothing was written. ${cause.message}`,
      { cause, facts: { ...cause.facts, subject, version } },
    )
  }
  return ids
}
