import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MillraceError } from '#schemas/errors.ts'
import { findTool, isExecutable, tools } from './tools.ts'

const run = promisify(execFile)

/** Cassandra 5 runs on 11 and 17, Kafka 4 on 17 and above. */
const version = 17
const debianFolder = '/usr/lib/jvm'

/**
 * `quick`, for servers that live for minutes: on a few cores the optimising compiler takes longer than what it saves, until
 * it has seen enough. Measured on two, a fold into Cassandra took 5,386 events/s of its first minute without it, 4,150 with
 * it; after some minutes an event costs a server less with it.
 */
export type JvmCourse = 'quick' | 'steady'

export function jvmFlags(course: JvmCourse = 'quick'): string[] {
  return ['-XX:+UseParallelGC', ...(course === 'quick' ? ['-XX:TieredStopAtLevel=1'] : [])]
}

/** A Java 17: of JAVA_HOME, of PATH, or where Debian keeps its versions. Throws `tool-missing` when none is. */
export async function findJava(): Promise<string> {
  for (const java of await candidates()) {
    if ((await isExecutable(java)) && (await versionOf(java)) === version) return java
  }
  throw new MillraceError('tool-missing', `Java ${version} is not there; ${tools.java}`, { facts: { tool: 'java' } })
}

async function candidates(): Promise<string[]> {
  const home = process.env['JAVA_HOME']
  const onPath = await findTool('java').catch(() => undefined)
  const installed = await readdir(debianFolder).catch(() => [])
  return [
    ...(home === undefined ? [] : [join(home, 'bin/java')]),
    ...(onPath === undefined ? [] : [onPath]),
    ...installed
      .filter((folder) => folder.startsWith(`java-${version}-`))
      .map((folder) => join(debianFolder, folder, 'bin/java')),
  ]
}

/** Undefined for a program that is no Java, such as the placeholder of macOS. */
async function versionOf(java: string): Promise<number | undefined> {
  const said = await run(java, ['-version']).then(
    ({ stderr }) => stderr,
    () => '',
  )
  const major = /version "(\d+)/.exec(said)?.[1]
  return major === undefined ? undefined : Number(major)
}
