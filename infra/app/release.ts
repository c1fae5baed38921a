import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Version of this release, from the package's own package.json. */
export const version = packageVersion(import.meta.dirname)

/** The nearest package.json that has a version: the built package holds one without. */
function packageVersion(from: string): string {
  for (let at = from; at !== dirname(at); at = dirname(at)) {
    const found = versionIn(join(at, 'package.json'))
    if (found !== undefined) return found
  }
  return '0.0.0'
}

function versionIn(path: string): string | undefined {
  try {
    const parsed: { readonly version?: unknown } = JSON.parse(readFileSync(path, 'utf8'))
    return typeof parsed.version === 'string' ? parsed.version : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
