import { describe, expect, test } from 'vitest'
import { hnswVectorIndex } from '#infra/hnsw/vector-index.ts'
import { solverWith } from '#infra/kernels/solver.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { scanTopK, type ScanTopK } from '#schemas/math/top-k.ts'
import { workspaceOf } from '#schemas/math/workspace.ts'
import type { VectorIndex } from '#schemas/ports/vector-index.ts'
import { workerEntry } from './workers/entry.ts'

const variants = ['typescript', 'wasm'] as const

/** 2,000 vectors in the base; 700 of them then move, some are removed, and some come anew. */
async function busyIndex(dimension: number, scan: ScanTopK): Promise<VectorIndex> {
  const random = seededRandom(dimension)
  const vectorOf = () => Float32Array.from({ length: dimension }, () => random() + random() - 1)
  const vectors = Float32Array.from(Array.from({ length: 2_000 }, vectorOf).flatMap((vector) => [...vector]))
  const create = hnswVectorIndex({ worker: workerEntry('index-builder'), graphFrom: Infinity, scanTopK: scan })
  const index = await create({ dimension, slots: Uint32Array.from({ length: 2_000 }, (_, slot) => slot), vectors })
  for (let slot = 1_300; slot < 2_100; slot++) index.upsert(slot, vectorOf())
  for (let slot = 1_950; slot < 2_050; slot += 3) index.remove(slot)
  for (let slot = 0; slot < 50; slot++) index.remove(slot)
  return index
}

describe.each([8, 20, 64, 130])('An index of %i dimensions with a full overlay', (dimension) => {
  test('answers to the bit alike by either kernels, before and after a rebuild', async () => {
    const scans = variants.map((variant) => solverWith(variant).scanTopK)
    const [readable, fast] = await Promise.all(scans.map((scan) => busyIndex(dimension, scan)))
    const random = seededRandom(7)
    for (const isRebuilt of [false, true]) {
      if (isRebuilt) await Promise.all([readable!.rebuild(), fast!.rebuild()])
      for (let n = 0; n < 20; n++) {
        const query = Float32Array.from({ length: dimension }, () => random() - 0.5)
        expect(fast!.search(query, 50)).toEqual(readable!.search(query, 50))
      }
    }
    await Promise.all([readable!.close(), fast!.close()])
  })
})

test('base and overlay are both given to the scan where a kernel can see them', async () => {
  const seen: { readonly count: number; readonly isShared: boolean; readonly isFrozen: boolean }[] = []
  const index = await busyIndex(8, (query, vectors, count, k, skip, reach) => {
    seen.push({ count, isShared: workspaceOf(vectors) !== undefined, isFrozen: reach !== undefined })
    return scanTopK(query, vectors, count, k, skip, reach)
  })
  index.search(new Float32Array(8).fill(1), 5)
  expect(seen).toEqual([
    { count: 2_000, isShared: true, isFrozen: true },
    { count: 766, isShared: true, isFrozen: false },
  ])
  await index.close()
})
