import { createHash } from 'node:crypto'
import { fileBytes } from './file-bytes.ts'
import type { ImportPlan } from './import-plan.ts'

export interface FileDigest {
  /** 24 hex characters over the unpacked contents and the plan: the `source` of the file's events, whatever its name. */
  readonly source: string
  readonly lines: number
}

/** Reads a file once through, to know it again and to know its length. */
export async function fileDigest(path: string, plan: ImportPlan): Promise<FileDigest> {
  const hash = createHash('sha256')
  let lines = 0
  let last = lineFeed
  for await (const chunk of fileBytes(path)) {
    hash.update(chunk)
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) lines++
    last = chunk.at(-1) ?? last
  }
  hash.update(`\0${canonical(plan)}`)
  return { source: hash.digest('hex').slice(0, 24), lines: last === lineFeed ? lines : lines + 1 }
}

const lineFeed = 0x0a

/** JSON with sorted keys, so that the order in which options are typed makes no other source. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
