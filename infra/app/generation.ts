import { hash53 } from '#schemas/math/hash.ts'
import type { FoldSettings } from '#schemas/settings.ts'

/** Raised whenever a reducer gives other bytes for the same log: rows are then folded anew. */
const reducerVersion = 2

/** Names the rows folded by these reducers under these settings. Other settings, other rows, other name. */
export function rowsGeneration(settings: FoldSettings): string {
  const digest = hash53(JSON.stringify(sortedEntries(settings))).toString(36)
  return `rows-${reducerVersion}-${digest}`
}

/** The same settings give the same text, in whatever order they were written down. */
function sortedEntries(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sortedEntries(inner)])
}
