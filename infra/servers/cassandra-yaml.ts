import type { ServerTls } from './server-tls.ts'

export interface CassandraYaml {
  readonly port: number
  readonly storagePort: number
  /** Folder. */
  readonly data: string
  readonly tls: ServerTls | undefined
  /** Clients must log in. */
  readonly login: boolean
  /** Further lines. */
  readonly settings: readonly string[]
}

/**
 * cassandra.yaml of a node that is alone. A write is acknowledged once the commit log is synced: with the usual periodic
 * syncs `kill -9` takes acknowledged writes of the last tenth of a second with it, and there is no replica to have them.
 * Every write waits for its sync: the more may wait together, the fewer syncs. The log is not mapped into memory, where
 * the first touch of each page after a sync is a fault of its own: measured, that halved the writes a second.
 */
export function cassandraYaml({ port, storagePort, data, tls, login, settings }: CassandraYaml): string {
  const lines = [
    'cluster_name: millrace',
    'num_tokens: 1',
    'allocate_tokens_for_local_replication_factor: 1',
    'partitioner: org.apache.cassandra.dht.Murmur3Partitioner',
    `data_file_directories: [ ${quoted(`${data}/data`)} ]`,
    `commitlog_directory: ${quoted(`${data}/commitlog`)}`,
    `saved_caches_directory: ${quoted(`${data}/saved_caches`)}`,
    `hints_directory: ${quoted(`${data}/hints`)}`,
    `cdc_raw_directory: ${quoted(`${data}/cdc_raw`)}`,
    'memtable:',
    '  configurations:',
    '    default:',
    '      class_name: TrieMemtable',
    'commitlog_sync: batch',
    'commitlog_disk_access_mode: auto',
    'commitlog_segment_size: 8MiB',
    'seed_provider:',
    '  - class_name: org.apache.cassandra.locator.SimpleSeedProvider',
    '    parameters:',
    `      - seeds: "127.0.0.1:${storagePort}"`,
    'listen_address: 127.0.0.1',
    'rpc_address: 127.0.0.1',
    `storage_port: ${storagePort}`,
    `native_transport_port: ${port}`,
    'start_native_transport: true',
    'endpoint_snitch: SimpleSnitch',
    'disk_optimization_strategy: ssd',
    'concurrent_reads: 8',
    'concurrent_writes: 64',
    // On a machine that it shares with everything else, an answer may take its time: to give up early only adds work.
    'read_request_timeout: 9s',
    'write_request_timeout: 9s',
    'range_request_timeout: 9s',
    'auto_snapshot: false',
    ...(login ? ['authenticator: PasswordAuthenticator', 'authorizer: CassandraAuthorizer'] : []),
    ...(tls === undefined ? [] : tlsLines(tls)),
    ...settings,
  ]
  return `${lines.join('\n')}\n`
}

function tlsLines({ caFile, certAndKeyFile, askClients = false }: ServerTls): string[] {
  return [
    'client_encryption_options:',
    '  enabled: true',
    '  optional: false',
    `  require_client_auth: ${askClients}`,
    `  keystore: ${quoted(certAndKeyFile)}`,
    `  truststore: ${quoted(caFile)}`,
    '  ssl_context_factory:',
    '    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory',
  ]
}

/** A text of YAML. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

/** Cassandra's own logging writes every debug message when nothing else is said. */
export const cassandraLogging = `<configuration>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date{ISO8601} %-5level [%thread] %logger{20} - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="STDOUT"/></root>
</configuration>
`
