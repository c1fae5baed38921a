import { describe, expect, it, vi } from 'vitest'
import { runTraining } from '#batch/job.ts'
import { decodeModel } from '#schemas/models/model-blob.ts'
import { solverOf } from '../solver-of.ts'
import { checkerboard, trainingWorld } from './training.fixture.ts'

/** A training of 80 users on 40 items by the kernels, and the bytes it published. */
async function published(threads: number, seed = 1): Promise<Uint8Array> {
  const { options, append } = trainingWorld()
  await append(checkerboard(80, 40))
  const solver = solverOf({ kernels: 'auto' }, threads)
  const settings = { ...options.settings, factors: 16, iterations: 3, seed }
  await runTraining({ ...options, solver, settings, run: 'model' })
  await solver.close()
  return (await options.blobs.get((await options.registry.get('model'))!.blob))!
}

// Threads start, and have the kernels compiled.
vi.setConfig({ testTimeout: 60_000 })

describe('The same log, settings and seed', () => {
  it.each([1, 2])('give the same bytes with %i threads', async (threads) => {
    const [one, other] = [await published(threads), await published(threads)]
    expect(Buffer.compare(one, other)).toBe(0)
    expect(decodeModel(one).itemFactors.some((value) => value !== 0)).toBe(true)
  })

  it('give other bytes than another seed', async () => {
    expect(Buffer.compare(await published(2), await published(2, 2))).not.toBe(0)
  })
})
