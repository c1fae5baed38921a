import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'

/** Writes a file whole or not at all; it is durable when the promise resolves. An older file of that name is replaced. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await throughTemporary(path, bytes, (temporary) => rename(temporary, path))
}

/** Like {@link replaceFile}, but leaves a file that is there already as it is and answers false. */
export async function createFile(path: string, bytes: Uint8Array): Promise<boolean> {
  let created = true
  await throughTemporary(path, bytes, async (temporary) => {
    try {
      await link(temporary, path)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
      created = false
    }
    await rm(temporary)
  })
  return created
}

/**
 * Makes a folder, and clears away what writers that died left half-written: what has not grown for an hour, for others may
 * be writing now.
 */
export async function openFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const left = (await readdir(folder)).filter((name) => name.endsWith(suffix))
    await Promise.all(left.map((name) => removeIfOld(join(folder, name))))
    await syncFolder(dirname(folder))
  } catch (error) {
    throw fileFailure(folder, error)
  }
}

/** `store-full` or `store-failed`, with the path. */
export function fileFailure(path: string, cause: unknown): MillraceError {
  const full = ['ENOSPC', 'EDQUOT'].includes(errnoOf(cause) ?? '')
  const why = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError(full ? 'store-full' : 'store-failed', `${path}: ${why}`, {
    cause,
    retriable: full,
    facts: { path },
  })
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const suffix = '.part'
const abandonedMs = 3_600_000

async function removeIfOld(path: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path)
    if (mtimeMs < Date.now() - abandonedMs) await rm(path, { force: true })
  } catch (error) {
    // Its writer has just finished.
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

async function throughTemporary(
  path: string,
  bytes: Uint8Array,
  install: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}${suffix}`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await install(temporary)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw fileFailure(path, error)
  }
}

/** A rename is durable once the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
