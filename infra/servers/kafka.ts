import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MillraceError } from '#schemas/errors.ts'
import { download, jars } from './downloads.ts'
import { freePort } from './free-port.ts'
import { findJava, jvmFlags, type JvmCourse } from './java.ts'
import { askMetadata } from './kafka-metadata.ts'
import { kafkaProperties } from './kafka-properties.ts'
import { type RunningServer, type ServerLogin, type ServerOptions, startServer } from './running-server.ts'
import { readClientTls, type ServerTls } from './server-tls.ts'

const run = promisify(execFile)

export const kafkaDownload = jars('kafka-4.1.0', [
  'org.apache.kafka:kafka_2.13:4.1.0',
  'org.apache.kafka:kafka-tools:4.1.0',
  'org.apache.logging.log4j:log4j-slf4j-impl:2.24.3',
])

export interface KafkaOptions extends ServerOptions {
  readonly port?: number | undefined
  /** Of the node as its own controller. */
  readonly controllerPort?: number | undefined
  /** Default 512. */
  readonly heapMb?: number
  /** Default `quick`. */
  readonly course?: JvmCourse
  /** Clients speak TLS only. */
  readonly tls?: ServerTls | undefined
  /** Clients log in by SASL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. Fixed at the first start on a folder. */
  readonly login?: ServerLogin | undefined
  /** Further lines of server.properties. */
  readonly settings?: readonly string[]
}

export interface KafkaServer extends RunningServer {
  readonly port: number
  readonly controllerPort: number
  readonly brokers: readonly string[]
}

/**
 * Starts one Kafka 4.1 node that is broker and controller. Resolves once it answers a metadata request; the coordinators
 * of groups and transactions come up at their first use, until then clients are told to try again.
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const { dir, heapMb = 512, tls, login, settings = [] } = options
  const [java, lib] = await Promise.all([findJava(), download(kafkaDownload)])
  const port = options.port ?? (await freePort())
  const controllerPort = options.controllerPort ?? (await freePort())
  const data = join(dir, 'data')
  const configuration = join(dir, 'server.properties')
  await mkdir(data, { recursive: true })
  const lines = kafkaProperties({ port, controllerPort, data, tls, login, settings })
  await writeFile(configuration, `${lines.join('\n')}\n`, { mode: 0o600 })
  const classPath = ['-cp', join(lib, '*')]
  await formatOnce({ java, classPath, configuration, data, login })

  const args = [
    ...jvmFlags(options.course),
    `-Xmx${heapMb}m`,
    '-Dlog4j2.level=INFO',
    ...classPath,
    'kafka.Kafka',
    configuration,
  ]
  const client = tls && (await readClientTls(tls))
  const server = await startServer({ ...options, name: 'kafka', command: java, args }, () =>
    askMetadata({ port, tls: client, login }),
  )
  return { ...server, port, controllerPort, brokers: [`127.0.0.1:${port}`] }
}

interface Format {
  readonly java: string
  readonly classPath: readonly string[]
  readonly configuration: string
  readonly data: string
  readonly login: ServerLogin | undefined
}

async function formatOnce({ java, classPath, configuration, data, login }: Format): Promise<void> {
  const formatted = await access(join(data, 'meta.properties')).then(
    () => true,
    () => false,
  )
  if (formatted) return
  const clusterId = randomBytes(16).toString('base64url')
  const scram = (login === undefined ? [] : ['SCRAM-SHA-256', 'SCRAM-SHA-512']).flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${login?.username},password=${login?.password}]`,
  ])
  const tool = [...classPath, 'kafka.tools.StorageTool', 'format', '--ignore-formatted']
  // An id may begin with a dash: as a word of its own it would be taken for an option.
  const args = [...tool, `--cluster-id=${clusterId}`, '-c', configuration, ...scram]
  const { code, stderr } = await run(java, args).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number | string; stderr: string }) => error,
  )
  // The message of the error itself would hold the password.
  if (code !== 0) throw new MillraceError('server-failed', `Kafka's folder ${data} could not be formatted: ${stderr}`)
}
