import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import type { IndexBase, VectorIndex } from '#schemas/ports/vector-index.ts'
import { vectorIndexContract } from '#schemas/ports/vector-index.contract.ts'
import { findHnswlib } from './graph.ts'
import { hnswVectorIndex, type HnswOptions } from './vector-index.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-hnsw-test-'))
const worker = new URL('../app/workers/index-builder.ts', import.meta.url)
const found = await findHnswlib()
if (found.type === 'missing') process.stderr.write(`HNSW graphs are not tested: ${found.reason}\n`)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

vectorIndexContract('scanned base and overlay', hnswVectorIndex({ worker, folder, graphFrom: Infinity }), 100)

describe.skipIf(found.type === 'missing')('With hnswlib-node', () => {
  vectorIndexContract('graph and overlay', hnswVectorIndex({ worker, folder, graphFrom: 8 }), 8)

  it('answers from a graph, and leaves no file behind', async () => {
    const index = await filled(500, { graphFrom: 100 })
    expect(index.kind()).toBe('hnsw')
    expect(readdirSync(folder)).toEqual([])
    await index.close()
  })

  it('begins with a base of before: the same neighbours, and no graph is built', async () => {
    const before = await filled(2_000, { graphFrom: 100 })
    const from = before.base()
    expect(before.base()).toBe(from)
    const index = await filled(2_000, { graphFrom: 100, worker: new URL('./no-such-worker.ts', import.meta.url) }, from)
    expect(index.kind()).toBe('hnsw')
    expect(index.size()).toEqual({ base: 2_000, overlay: 0, masked: 0 })
    for (let query = 5_000; query < 5_050; query++) {
      expect(index.search(vectorOf(query), 20)).toEqual(before.search(vectorOf(query), 20))
    }
    await before.close()
    expect(readdirSync(folder)).toEqual([])
    await index.close()
  })

  it('sees through a base of before only what it is to hold', async () => {
    const before = await filled(2_000, { graphFrom: 100 })
    const index = await filled(1_990, { graphFrom: 100 }, before.base())
    index.upsert(3_000, vectorOf(3_000))
    expect(index.size()).toEqual({ base: 2_000, overlay: 1, masked: 10 })
    expect(before.size()).toEqual({ base: 2_000, overlay: 0, masked: 0 })
    const seen = [...index.search(vectorOf(3_000), 2_001).slots].sort((a, b) => a - b)
    expect(seen).toEqual([...Array.from({ length: 1_990 }, (_, slot) => slot), 3_000])
    await index.rebuild()
    expect(index.size()).toEqual({ base: 1_991, overlay: 0, masked: 0 })
    expect(index.base()).not.toBe(before.base())
    await Promise.all([before.close(), index.close()])
  })

  it('refuses a base that is cut or of another dimension, and builds where it is of another format', async () => {
    const before = await filled(500, { graphFrom: 100 })
    const whole = before.base()!
    const cut = async function* () {
      for await (const piece of whole.pieces()) yield piece.subarray(0, -4)
    }
    const broken = [
      { ...whole, pieces: cut },
      { ...whole, vectors: whole.vectors.subarray(8) },
      { ...whole, slots: whole.slots.subarray(1), vectors: whole.vectors.subarray(8) },
    ]
    for (const from of broken) {
      await expect(filled(500, { graphFrom: 100 }, from)).rejects.toMatchObject({ code: 'store-failed' })
    }
    const built = await filled(500, { graphFrom: 100 }, { ...whole, format: 'of a release to come', pieces: cut })
    expect(built.kind()).toBe('hnsw')
    expect(readdirSync(folder)).toEqual([])
    await Promise.all([before.close(), built.close()])
  })

  it('keeps answering the same while a new base is built, and shares one rebuild between those who ask', async () => {
    const index = await filled(500, { graphFrom: 100 })
    index.upsert(600, vectorOf(600))
    const rebuilt = index.rebuild()
    expect(index.rebuild()).toBe(rebuilt)
    index.upsert(601, vectorOf(601))
    index.remove(3)
    expect(index.size()).toEqual({ base: 500, overlay: 2, masked: 1 })
    await rebuilt
    expect(index.size()).toEqual({ base: 501, overlay: 1, masked: 1 })
    expect([...index.searchExact(vectorOf(601), 502).slots].sort((a, b) => a - b)).toEqual([
      ...Array.from({ length: 500 }, (_, slot) => slot).filter((slot) => slot !== 3),
      600,
      601,
    ])
    await index.close()
  })

  it('finds all that is asked for although the best are masked', async () => {
    const index = await filled(1_000, { graphFrom: 100 })
    const best = index.search(vectorOf(9_999), 60).slots
    for (const slot of best) index.remove(slot)
    const rest = index.search(vectorOf(9_999), 20).slots
    expect(rest).toHaveLength(20)
    expect([...rest].filter((slot) => best.includes(slot))).toEqual([])
    await index.close()
  })

  it('goes on with its old base when a new one cannot be built', async () => {
    const index = await filled(50, { graphFrom: 100, worker: new URL('./no-such-worker.ts', import.meta.url) })
    for (let slot = 50; slot < 120; slot++) index.upsert(slot, vectorOf(slot))
    await expect(index.rebuild()).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    expect(index.searchExact(vectorOf(5), 200).slots).toHaveLength(120)
    await index.close()
  })

  it('stops a rebuild when it is closed', async () => {
    const index = await filled(500, { graphFrom: 100 })
    const rebuilt = index.rebuild()
    await index.close()
    await expect(rebuilt).rejects.toMatchObject({ code: 'stopped' })
  })
})

describe('The index', () => {
  it('says that it scans where hnswlib-node is missing', async () => {
    const index = await filled(500, { graphFrom: 100, found: { type: 'missing', reason: 'not installed' } })
    expect(index.kind()).toBe('exact')
    expect(index.search(vectorOf(1), 10)).toEqual(index.searchExact(vectorOf(1), 10))
    expect(index.base()).toBeUndefined()
    await index.close()
  })

  it('leaves a vector that hardly moved in the base, however often it hardly moves', async () => {
    const index = await filled(10, { epsilon: 0.1 })
    index.upsert(
      4,
      vectorOf(4).map((value) => value * 1.05),
    )
    expect(index.size()).toEqual({ base: 10, overlay: 0, masked: 0 })
    index.upsert(
      4,
      vectorOf(4).map((value) => value * 1.2),
    )
    expect(index.size()).toEqual({ base: 10, overlay: 1, masked: 1 })
    index.upsert(4, vectorOf(4))
    expect(index.size()).toEqual({ base: 10, overlay: 0, masked: 0 })
    await index.close()
  })

  it('refuses a vector of another length and one that is not finite', async () => {
    const index = await filled(10, {})
    expect(() => index.upsert(1, new Float32Array(3))).toThrow('finite vectors')
    expect(() => index.upsert(1, vectorOf(1).fill(NaN))).toThrow('finite vectors')
    await index.close()
  })
})

function vectorOf(seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: 8 }, () => random() + random() - 1)
}

async function filled(
  count: number,
  options: Omit<HnswOptions, 'worker'> & { worker?: URL },
  from?: IndexBase,
): Promise<VectorIndex> {
  const vectors = new Float32Array(count * 8)
  for (let slot = 0; slot < count; slot++) vectors.set(vectorOf(slot), slot * 8)
  const slots = Uint32Array.from({ length: count }, (_, slot) => slot)
  return hnswVectorIndex({ worker, folder, ...options })({
    dimension: 8,
    slots,
    vectors,
    ...(from !== undefined && { from }),
  })
}
