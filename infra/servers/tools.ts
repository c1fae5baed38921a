import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'

/** Programs that servers need and that Millrace does not download, with how to get them. */
export const tools = {
  java: 'install a Java 17 runtime: apt-get install openjdk-17-jre-headless, or brew install openjdk@17',
  mvn: 'install Maven: apt-get install maven, or brew install maven',
  'redis-server': 'install Redis 7: apt-get install redis-server, or brew install redis',
  go: 'install Go: apt-get install golang-go, or brew install go',
  python3: 'install Python 3 with venv: apt-get install python3-venv, or brew install python',
  openssl: 'install OpenSSL: apt-get install openssl, or brew install openssl',
} as const

export type Tool = keyof typeof tools

/** The program's path, searched for on PATH. Throws `tool-missing` saying how to get it. */
export async function findTool(tool: Tool): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, tool)
    if (folder !== '' && (await isExecutable(path))) return path
  }
  throw new MillraceError('tool-missing', `${tool} is not on PATH; ${tools[tool]}`, { facts: { tool } })
}

export function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
