import { jvmFlags, type JvmCourse } from './java.ts'

/** What Cassandra 5 reaches into on Java 17, from its own jvm17-server.options. */
const opened = {
  'java.base': [
    'java.io',
    'java.lang',
    'java.lang.module',
    'java.lang.reflect',
    'java.lang.ref',
    'java.math',
    'java.net',
    'java.nio',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
    'jdk.internal.loader',
    'jdk.internal.math',
    'jdk.internal.module',
    'jdk.internal.ref',
    'jdk.internal.reflect',
    'jdk.internal.util.jar',
    'sun.nio.ch',
  ],
  'jdk.management': ['com.sun.management.internal'],
  'java.management': ['javax.management'],
}

const exported = {
  'java.base': ['jdk.internal.misc', 'jdk.internal.ref', 'sun.nio.ch', 'java.lang.ref'],
  'java.management.rmi': ['com.sun.jmx.remote.internal.rmi'],
  'java.rmi': ['sun.rmi.registry', 'sun.rmi.server', 'sun.rmi.transport.tcp'],
  'java.sql': ['java.sql'],
  'jdk.attach': ['sun.tools.attach'],
  'jdk.compiler': ['com.sun.tools.javac.file'],
}

export interface CassandraJvm {
  /** Folder of the jars. */
  readonly lib: string
  /** Of cassandra.yaml and of logback.xml. */
  readonly configurationUrl: string
  readonly loggingUrl: string
  /** Folder. */
  readonly data: string
  readonly heapMb: number
  readonly course?: JvmCourse | undefined
}

/** Arguments of `java` for a node that is alone: it waits for nobody at its start. */
export function cassandraArguments({
  lib,
  configurationUrl,
  loggingUrl,
  data,
  heapMb,
  course,
}: CassandraJvm): string[] {
  return [
    ...jvmFlags(course),
    `-Xms${heapMb}m`,
    `-Xmx${heapMb}m`,
    `-javaagent:${lib}/jamm-0.4.0.jar`,
    '-Djdk.attach.allowAttachSelf=true',
    `-Dcassandra.config=${configurationUrl}`,
    `-Dlogback.configurationFile=${loggingUrl}`,
    `-Dcassandra.storagedir=${data}`,
    '-Dcassandra-foreground=yes',
    '-Dcassandra.superuser_setup_delay_ms=0',
    '-Dcassandra.skip_wait_for_gossip_to_settle=0',
    '-Dcassandra.ring_delay_ms=100',
    '-Dcassandra.set_sep_thread_name=false',
    ...packageFlags('--add-opens', opened),
    ...packageFlags('--add-exports', exported),
    '-cp',
    `${lib}/*`,
    'org.apache.cassandra.service.CassandraDaemon',
  ]
}

function packageFlags(flag: string, modules: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(modules).flatMap(([module, packages]) =>
    packages.flatMap((name) => [flag, `${module}/${name}=ALL-UNNAMED`]),
  )
}
