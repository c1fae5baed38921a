import { inject } from 'vitest'

/** Real servers that the integration tests may use: given by the environment, in containers, or started on this machine. */
export interface TestServers {
  readonly kafka?: { readonly brokers: readonly string[] }
  readonly cassandra?: { readonly contactPoints: readonly string[]; readonly datacenter: string }
  readonly redis?: { readonly url: string }
  readonly s3?: { readonly endpoint: string; readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Its HTTP API. */
  readonly toxiproxy?: { readonly url: string }
  readonly schemaRegistry?: { readonly url: string }
}

export const testServerNames = ['kafka', 'cassandra', 'redis', 's3', 'toxiproxy', 'schemaRegistry'] as const

export type ServerName = (typeof testServerNames)[number]

declare module 'vitest' {
  interface ProvidedContext {
    /** Found once for the whole run. */
    readonly servers: TestServers
    /** Why a server is missing, for people. */
    readonly missing: Readonly<Partial<Record<ServerName, string>>>
  }
}

/**
 * The server's endpoint, or undefined after saying why there is none: `describe.skipIf(kafka === undefined)`. With
 * `REQUIRE_KAFKA=1` (CASSANDRA, REDIS, S3, TOXIPROXY, SCHEMA_REGISTRY) a missing one fails the test file.
 */
export function testServer<N extends ServerName>(name: N): TestServers[N] | undefined {
  const found = inject('servers')[name]
  if (found !== undefined) return found
  const reason = `${name} is not there: ${inject('missing')[name] ?? 'nobody looked for it'}`
  const variable = `REQUIRE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
  if (process.env[variable] === '1') throw new Error(`${reason}, and ${variable}=1`)
  process.stdout.write(`skipped: ${reason}\n`)
  return undefined
}
