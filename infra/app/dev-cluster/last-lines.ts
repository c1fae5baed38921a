import { existsSync, readFileSync } from 'node:fs'

/** The end of a log, for people. */
export function lastLines(log: string, count = 12): string {
  if (!existsSync(log)) return '(there is none)'
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
}
