import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import type { RowProblem } from './imported-events.ts'

/** A row that became no event, as one JSON line of the rejects file. */
export interface RejectedRow extends RowProblem {
  readonly file: string
  readonly line: number
  readonly raw: string
}

export interface RejectsFile {
  write(rows: readonly RejectedRow[]): Promise<void>
  /** Null while nothing was rejected. */
  path(): string | null
  close(): Promise<void>
}

/** `FILE.rejects.jsonl` in the current folder: the folder of the data may not be ours to write to. */
export function defaultRejectsPath(files: readonly string[]): string {
  return `${basename(files[0] ?? 'import')}.rejects.jsonl`
}

/** Made anew at the first reject; without one no file is touched. Mended rows are imported as a file of their own. */
export function rejectsFile(path: string): RejectsFile {
  let handle: FileHandle | undefined
  return {
    async write(rows) {
      if (rows.length === 0) return
      handle ??= await open(path, 'w')
      await handle.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    },
    path: () => (handle === undefined ? null : path),
    async close() {
      await handle?.close()
    },
  }
}

/** What a dry run puts in place of the file. */
export const noRejectsFile: RejectsFile = {
  write: () => Promise.resolve(),
  path: () => null,
  close: () => Promise.resolve(),
}
