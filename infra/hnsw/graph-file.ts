import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Graph } from './graph.ts'

const pieceBytes = 1 << 20

/** Gives `act` the path of a file that nobody else has, and that is gone afterwards. */
export async function withGraphFile<T>(folder: string, act: (file: string) => Promise<T>): Promise<T> {
  const own = await mkdtemp(join(folder, 'millrace-index-'))
  try {
    return await act(join(own, 'graph'))
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** A graph as bytes, about a megabyte at a time. */
export async function* graphPieces(graph: Graph, folder: string): AsyncGenerator<Uint8Array, void, undefined> {
  const own = await mkdtemp(join(folder, 'millrace-index-'))
  try {
    const file = join(own, 'graph')
    await graph.write(file)
    for await (const piece of createReadStream(file, { highWaterMark: pieceBytes })) yield piece
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** Writes the pieces of {@link graphPieces} one behind the other. */
export async function writePieces(file: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const target = await open(file, 'wx')
  try {
    for await (const piece of pieces) await target.writeFile(piece)
  } finally {
    await target.close()
  }
}
