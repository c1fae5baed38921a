import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The checkout. */
export const root = join(import.meta.dirname, '../../..')

/** Every document for people, as a path from the root. */
export function documents(): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  return ['README.md', 'CONTRIBUTING.md', ...docs].filter((path) => existsSync(join(root, path))).sort()
}
