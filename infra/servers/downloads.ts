import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MillraceError } from '#schemas/errors.ts'
import { findTool } from './tools.ts'

const run = promisify(execFile)

export interface Download {
  /** Name and version: what is under this name in the cache never changes. */
  readonly name: string
  /** Fills an empty folder, which is then moved into the cache. */
  readonly fill: (folder: string) => Promise<void>
}

/** Where downloads are kept: `millrace` below `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME']
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'millrace')
}

/**
 * The folder of a download, fetched at its first use. A fetch that was cut short leaves nothing under its name; of two
 * that run at once, one is kept.
 */
export async function download({ name, fill }: Download, cache: string = cacheFolder()): Promise<string> {
  const folder = join(cache, name)
  if (await exists(folder)) return folder
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(join(cache, `.${name}-`))
  try {
    await fill(unfinished)
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    if (!(await exists(folder))) throw error
  }
  return folder
}

/** The jars of a Maven artifact and of all it depends on. */
export function jars(name: string, dependencies: readonly string[]): Download {
  return {
    name,
    async fill(folder) {
      const mvn = await findTool('mvn')
      const pom = join(folder, 'pom.xml')
      await writeFile(pom, pomOf(dependencies))
      const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
      await fetching(name, mvn, ['-q', '-B', '-f', pom, copy, `-DoutputDirectory=${folder}`])
    },
  }
}

/** A program of a Go module, under the name of its last folder. */
export function goProgram(name: string, path: string): Download {
  return {
    name,
    async fill(folder) {
      await fetching(name, await findTool('go'), ['install', path], { GOBIN: folder })
    },
  }
}

/** A virtual environment of Python; to be run as `bin/python -m`, for its scripts hold the path they were made under. */
export function pythonPackages(name: string, requirements: readonly string[]): Download {
  return {
    name,
    async fill(folder) {
      await fetching(name, await findTool('python3'), ['-m', 'venv', folder])
      await fetching(name, join(folder, 'bin/python'), ['-m', 'pip', 'install', '-q', ...requirements])
    },
  }
}

async function fetching(
  name: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  try {
    await run(command, args, { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 })
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('server-failed', `${name} could not be fetched: ${said}`, {
      cause,
      retriable: true,
      facts: { name },
    })
  }
}

/** Each dependency is `group:artifact:version`. */
function pomOf(dependencies: readonly string[]): string {
  const entries = dependencies.map((dependency) => {
    const [group, artifact, version] = dependency.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>millrace</groupId><artifactId>servers</artifactId><version>1</version>
<dependencies>
${entries.join('\n')}
</dependencies>
</project>
`
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
