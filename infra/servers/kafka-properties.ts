import type { ServerLogin } from './running-server.ts'
import type { ServerTls } from './server-tls.ts'

export interface KafkaProperties {
  readonly port: number
  readonly controllerPort: number
  /** Folder. */
  readonly data: string
  readonly tls: ServerTls | undefined
  readonly login: ServerLogin | undefined
  readonly settings?: readonly string[]
}

/** Lines of server.properties of a node that is alone. What clients meet on the listener CLIENTS, it uses itself too. */
export function kafkaProperties({ port, controllerPort, data, tls, login, settings = [] }: KafkaProperties): string[] {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=CLIENTS://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=CLIENTS',
    `listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENTS:${protocol(tls, login)}`,
    `log.dirs=${data}`,
    'num.partitions=4',
    'auto.create.topics.enable=false',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=8',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=8',
    // After kill -9 it waits so long for its former self to be given up.
    'broker.session.timeout.ms=3000',
    'broker.heartbeat.interval.ms=500',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    // It is taken from the heap at start.
    'log.cleaner.dedupe.buffer.size=16777216',
    'message.max.bytes=2097152',
    ...(tls === undefined ? [] : tlsLines(tls)),
    ...(login === undefined ? [] : loginLines(login)),
    ...settings,
  ]
}

function protocol(tls: ServerTls | undefined, login: ServerLogin | undefined): string {
  if (login === undefined) return tls === undefined ? 'PLAINTEXT' : 'SSL'
  return tls === undefined ? 'SASL_PLAINTEXT' : 'SASL_SSL'
}

function tlsLines({ caFile, certAndKeyFile, askClients = false }: ServerTls): string[] {
  return [
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${certAndKeyFile}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${caFile}`,
    // Without the listener's name it would not count where clients log in too.
    `listener.name.clients.ssl.client.auth=${askClients ? 'required' : 'none'}`,
  ]
}

function loginLines({ username, password }: ServerLogin): string[] {
  const modules = 'org.apache.kafka.common.security'
  const plain = `username="${username}" password="${password}" user_${username}="${password}"`
  return [
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol=PLAIN',
    `listener.name.clients.plain.sasl.jaas.config=${modules}.plain.PlainLoginModule required ${plain};`,
    ...['256', '512'].map(
      (bits) => `listener.name.clients.scram-sha-${bits}.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`,
    ),
  ]
}
