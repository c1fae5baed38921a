import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MillraceError } from '#schemas/errors.ts'
import { addressOf } from './cluster-config.ts'
import { type ClusterFolder, writeWhole } from './cluster-folder.ts'
import { type Plan, type ServerName, serverNames } from './plan.ts'

/** The images of the servers; those of `infra/deploy/compose.yaml` are the same. */
export const images: Readonly<Record<ServerName, string>> = {
  kafka: 'apache/kafka:4.1.0',
  cassandra: 'cassandra:5.0.5',
  redis: 'redis:7.4.2-alpine',
}

/** Runs the Docker client; rejects with what it said when it fails. */
export type DockerClient = (args: readonly string[]) => Promise<string>

/** The one of PATH. */
export const dockerClient: DockerClient = async (args) => {
  const { stdout } = await promisify(execFile)('docker', [...args], { maxBuffer: 2 ** 24 })
  return stdout
}

/** Whether a Docker engine answers and the client knows Compose; a client alone runs nothing. */
export async function dockerAnswers(docker: DockerClient = dockerClient): Promise<boolean> {
  try {
    const engine = await docker(['version', '--format', '{{.Server.Version}}'])
    await docker(['compose', 'version'])
    return /\d/.test(engine)
  } catch {
    return false
  }
}

/** Starts the containers, which their engine starts again whenever they end. Pulls the images at the first time. */
export async function startContainers(plan: Plan, folder: ClusterFolder, docker = dockerClient): Promise<void> {
  writeWhole(composeFile(folder), composeOf(plan))
  await compose(folder, docker, ['up', '--detach'])
}

/** Their data stay, in volumes. */
export async function stopContainers(folder: ClusterFolder, docker = dockerClient): Promise<void> {
  await compose(folder, docker, ['stop'])
}

/** The pid of the server itself, where its container shares this machine's kernel; else null. */
export async function containerPid(folder: ClusterFolder, name: string, docker = dockerClient): Promise<number | null> {
  try {
    const id = await compose(folder, docker, ['ps', '--quiet', name])
    const pid = Number(await docker(['inspect', '--format', '{{.State.Pid}}', id.trim()]))
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

function composeFile({ run }: ClusterFolder): string {
  return join(run, 'servers.compose.json')
}

async function compose(folder: ClusterFolder, docker: DockerClient, args: readonly string[]): Promise<string> {
  const project = `millrace-${createHash('sha256').update(folder.path).digest('hex').slice(0, 12)}`
  try {
    return await docker(['compose', '--project-name', project, '--file', composeFile(folder), ...args])
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    const reason = `docker compose ${args[0]} failed; \`--servers local\` does without Docker: ${said}`
    throw new MillraceError('server-failed', reason, { cause })
  }
}

/** Each server on its port of 127.0.0.1, its data in a volume. */
export function composeOf(plan: Plan): object {
  const kafka = addressOf(plan, 'kafka')
  const environments: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
    kafka: {
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_LISTENERS: 'CLIENTS://:9092,CONTROLLER://:9093,INSIDE://:9094',
      KAFKA_ADVERTISED_LISTENERS: `CLIENTS://${kafka},INSIDE://localhost:9094`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_MESSAGE_MAX_BYTES: '2097152',
      KAFKA_LOG_DIRS: '/var/lib/kafka/data',
      KAFKA_HEAP_OPTS: '-Xmx512m',
    },
    cassandra: {
      MAX_HEAP_SIZE: '1024M',
      HEAP_NEWSIZE: '256M',
      CASSANDRA_DC: 'datacenter1',
      CASSANDRA_ENDPOINT_SNITCH: 'GossipingPropertyFileSnitch',
    },
    redis: {},
  }
  const inside = {
    kafka: { port: 9092, data: '/var/lib/kafka/data' },
    cassandra: { port: 9042, data: '/var/lib/cassandra' },
    redis: { port: 6379, data: '/data' },
  }
  const services = serverNames.map((name) => [
    name,
    {
      image: images[name],
      restart: 'always',
      ports: [`${addressOf(plan, name)}:${inside[name].port}`],
      volumes: [`${name}:${inside[name].data}`],
      environment: environments[name],
      ...(name === 'redis' && { command: ['redis-server', '--appendonly', 'yes'] }),
    },
  ])
  return {
    services: Object.fromEntries(services),
    volumes: Object.fromEntries(serverNames.map((name) => [name, {}])),
  }
}
