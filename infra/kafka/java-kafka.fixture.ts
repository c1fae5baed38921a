import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { download } from '#infra/servers/downloads.ts'
import { findJava } from '#infra/servers/java.ts'
import { kafkaDownload } from '#infra/servers/kafka.ts'

/** Runs programs with Kafka's own Java classes. Undefined, after saying why, where there is no Java or no Maven. */
export async function javaKafka(): Promise<((args: readonly string[], input?: string) => Promise<string>) | undefined> {
  if (!(await canStart('kafka'))) return undefined
  const [java, jars] = await Promise.all([findJava(), download(kafkaDownload)])
  return async (args, input = '') => {
    const child = spawn(java, ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, ...args])
    child.stdin.end(input)
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
    const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('exit', resolve)))
    if (code !== 0) throw new Error(`java ${args[0]} ended with ${code}: ${errors}`)
    return out
  }
}
