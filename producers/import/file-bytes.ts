import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { MillraceError } from '#schemas/errors.ts'

/** The contents of a file, unpacked when it begins with gzip's magic bytes, whatever its name. Throws `not-found` or `invalid-input`. */
export async function* fileBytes(path: string): AsyncGenerator<Buffer> {
  try {
    const gzip = await isGzip(path)
    const bytes = createReadStream(path, { highWaterMark: 1 << 18 })
    if (!gzip) {
      yield* bytes
      return
    }
    // A failure of either stream destroys the other with it, so it surfaces in the iteration and not in the callback.
    yield* pipeline(bytes, createGunzip({ chunkSize: 1 << 18 }), () => undefined)
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return error
  if (error.code === 'ENOENT') return new MillraceError('not-found', `${path}: there is no such file`, { cause: error })
  return new MillraceError('invalid-input', `${path}: cannot be read (${error.code})`, {
    cause: error,
    facts: { path },
  })
}
