import { cassandraDownload } from './cassandra.ts'
import { download } from './downloads.ts'
import { findJava } from './java.ts'
import { kafkaDownload } from './kafka.ts'
import { mlflowDownload } from './mlflow.ts'
import { motoDownload } from './s3.ts'
import { sparkDownload } from './spark.ts'
import { findTool } from './tools.ts'
import { toxiproxyDownload } from './toxiproxy.ts'

const preparations = {
  kafka: () => Promise.all([findJava(), download(kafkaDownload)]),
  cassandra: () => Promise.all([findJava(), download(cassandraDownload)]),
  redis: () => findTool('redis-server'),
  s3: () => download(motoDownload),
  toxiproxy: () => download(toxiproxyDownload),
  mlflow: () => download(mlflowDownload),
  spark: () => Promise.all([findJava(), download(sparkDownload)]),
}

/** Servers that can be started on this machine, and programs of theirs. */
export type LocalServer = keyof typeof preparations

/** Fetches what a server needs to be started here. Throws `tool-missing` saying what to install. */
export async function prepareServer(name: LocalServer): Promise<void> {
  await preparations[name]()
}
