import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMillraceError } from '#schemas/errors.ts'
import { cassandraArguments } from './cassandra-jvm.ts'
import { cassandraLogging, cassandraYaml } from './cassandra-yaml.ts'
import { type CqlAddress, runCql } from './cql.ts'
import { download, jars } from './downloads.ts'
import { freePort } from './free-port.ts'
import { findJava, type JvmCourse } from './java.ts'
import { type RunningServer, type ServerLogin, type ServerOptions, startServer } from './running-server.ts'
import { withTimerSlack } from './timer-slack.ts'
import { readClientTls, type ServerTls } from './server-tls.ts'

export const cassandraDownload = jars('cassandra-5.0.5', ['org.apache.cassandra:cassandra-all:5.0.5'])

export interface CassandraOptions extends ServerOptions {
  readonly port?: number | undefined
  /** On which nodes would talk to each other. */
  readonly storagePort?: number | undefined
  /** Default 1024. */
  readonly heapMb?: number
  /** Default `quick`. */
  readonly course?: JvmCourse
  /** Clients speak TLS only. */
  readonly tls?: ServerTls | undefined
  /** A superuser in place of the well-known one, which can no longer log in. Kept from the first start on a folder. */
  readonly login?: ServerLogin | undefined
  /** Further lines of cassandra.yaml. */
  readonly settings?: readonly string[]
}

export interface CassandraServer extends RunningServer {
  readonly port: number
  readonly storagePort: number
  readonly contactPoints: readonly string[]
  readonly datacenter: string
}

/**
 * Cassandra's idle threads look for work every 10 µs until they have found none for 10 ms. Under a steady load on few
 * cores that takes half of what Cassandra takes; looking so much later costs less than what is then free is worth.
 */
const timerSlackNs = 500_000

const wellKnown: ServerLogin = { username: 'cassandra', password: 'cassandra' }
const badCredentials = 0x0100

/** Starts one Cassandra 5.0.5 node. Resolves once it answers a query of its user. */
export async function startCassandra(options: CassandraOptions): Promise<CassandraServer> {
  const { dir, heapMb = 1024, tls, login, settings = [] } = options
  const [java, lib] = await Promise.all([findJava(), download(cassandraDownload)])
  const port = options.port ?? (await freePort())
  const storagePort = options.storagePort ?? (await freePort())
  const data = join(dir, 'data')
  const configuration = join(dir, 'cassandra.yaml')
  const logging = join(dir, 'logback.xml')
  await mkdir(data, { recursive: true })
  const yaml = cassandraYaml({ port, storagePort, data, tls, login: login !== undefined, settings })
  await writeFile(configuration, yaml)
  await writeFile(logging, cassandraLogging)
  const args = cassandraArguments({
    lib,
    configurationUrl: pathToFileURL(configuration).href,
    loggingUrl: pathToFileURL(logging).href,
    data,
    heapMb,
    course: options.course,
  })
  const address = { port, tls: tls && (await readClientTls(tls)), login }
  const command = withTimerSlack({ command: java, args }, timerSlackNs)
  const server = await startServer({ ...options, name: 'cassandra', ...command }, () => askCassandra(address))
  return { ...server, port, storagePort, contactPoints: [`127.0.0.1:${port}`], datacenter: 'datacenter1' }
}

/** Makes the user at the first start, which is when only the well-known one exists. */
async function askCassandra(address: CqlAddress): Promise<void> {
  const { login } = address
  try {
    await runCql(address, ['SELECT release_version FROM system.local'])
  } catch (error) {
    if (login === undefined || !isMillraceError(error) || error.facts['code'] !== badCredentials) throw error
    const { username, password } = login
    await runCql({ ...address, login: wellKnown }, [
      `CREATE ROLE IF NOT EXISTS "${username}" WITH PASSWORD = '${password}' AND SUPERUSER = true AND LOGIN = true`,
    ])
    await runCql(address, [`ALTER ROLE ${wellKnown.username} WITH SUPERUSER = false AND LOGIN = false`])
  }
}
