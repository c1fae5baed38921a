import type { Database, RootDatabase } from 'lmdb'
import type { ErrorCode } from '#schemas/errors.ts'
import { statfs } from 'node:fs/promises'
import { open } from 'lmdb'
import { MillraceError } from '#schemas/errors.ts'

export type Table = Database<Buffer, Buffer>

export interface Environment {
  /** A named table of this environment, made if it is not there. */
  table(name: string): Table
  /**
   * Puts everything the callback writes into one transaction and resolves when it is committed. Nothing of it is there after a
   * rejection that came from a full disk. Buffers handed to `put` must not change until then.
   */
  commit(writes: () => void): Promise<void>
  close(): Promise<void>
}

export interface EnvironmentOptions {
  readonly path: string
  /**
   * True: a commit resolves once it is on disk. False: once it is in force; it survives the end of the process, and a power
   * cut may tear the whole file, so what is in it must be possible to make again.
   */
  readonly durable: boolean
  /** What a full disk and any other failed commit are called. */
  readonly full: ErrorCode
  /** Room left where the path is. */
  readonly freeBytes?: (path: string) => Promise<number>
  /** With less room than this a commit is refused before it begins: LMDB may end the process when it meets the end of a disk. */
  readonly reserveBytes?: number
}

/** Opens one LMDB environment: a folder with one memory-mapped file, for one process. */
export function openEnvironment(options: EnvironmentOptions): Environment {
  const { path, durable, full, freeBytes = freeBytesOf, reserveBytes = nearlyFullBytes } = options
  const root: RootDatabase<Buffer, Buffer> = open({
    path,
    noSubdir: false,
    maxDbs: 64,
    encoding: 'binary',
    keyEncoding: 'binary',
    // Waits for the flush in a commit all the same, and only lets the next one begin meanwhile: there is one at a time here.
    overlappingSync: false,
    noSync: !durable,
    // Batching by event turn starts a transaction whose promise nobody holds: when it fails, the process would end.
    eventTurnBatching: false,
  })
  let askedAt = -Infinity
  let room = Infinity

  async function refuseWithoutRoom(): Promise<void> {
    if (performance.now() - askedAt >= askEveryMs) {
      room = await freeBytes(path)
      askedAt = performance.now()
    }
    if (room >= reserveBytes) return
    throw new MillraceError(full, `less than ${reserveBytes} bytes are left for ${path}`, {
      retriable: true,
      facts: { path, room, reserveBytes },
    })
  }

  return {
    table: (name) => root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }),
    async commit(writes) {
      await refuseWithoutRoom()
      try {
        await root.batch(writes)
      } catch (error) {
        const cause = await commitError(error)
        const code = isFull(cause, await freeBytes(path)) ? full : 'store-failed'
        throw new MillraceError(code, `a commit to ${path} failed`, { cause, retriable: true, facts: { path } })
      }
    },
    async close() {
      await root.flushed
      await root.close()
    },
  }
}

/** lmdb rejects a commit with an error that carries the promise of the actual one. */
async function commitError(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (actual) {
    return actual
  }
}

const mapFull = -30_792
const [inputOutput, fileTooBig, noSpace, overQuota] = [5, 27, 28, 122]
const nearlyFullBytes = 64 * 1024 * 1024
const askEveryMs = 250

/** LMDB reports a write cut short by a full disk as EIO, and only the next one as ENOSPC. */
export function isFull(error: unknown, free: number): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const { code } = error
  if (code === inputOutput) return free < nearlyFullBytes
  return code === mapFull || code === fileTooBig || code === noSpace || code === overQuota
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}
