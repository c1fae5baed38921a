import { describe, expect, it } from 'vitest'
import type { ModelManifest, ModelRegistry } from './model-registry.ts'

function manifest(version: string, createdAt: number): ModelManifest {
  return {
    version,
    createdAt,
    settings: { factors: 64, solver: 'cg' },
    metrics: { 'ndcg@10': 0.25, 'popularity.ndcg@10': 0.125 },
    blob: 'a'.repeat(64),
    lists: 'b'.repeat(64),
    positions: [{ epoch: 1, partition: 0, offset: 99 }],
    users: 3,
    items: 4,
    interactions: 12,
    seconds: 0.5,
    content: { items: 3, terms: 12, termExponent: 0.5, lambda: 10, embedding: { name: 'clip', dimension: 512 } },
    profiles: { users: 2, terms: 5 },
  }
}

export function modelRegistryContract(name: string, open: () => Promise<ModelRegistry>): void {
  describe(`ModelRegistry: ${name}`, () => {
    it('gives back what was added, and nothing else', async () => {
      const registry = await open()
      expect(await registry.list()).toEqual([])
      await registry.add(manifest('v1', 1))
      expect(await registry.get('v1')).toEqual(manifest('v1', 1))
      for (const unknown of ['v2', '', '../v1', '\u0000', 'v'.repeat(10_000)]) {
        expect(await registry.get(unknown)).toBeUndefined()
      }
    })

    it('lists the newest first', async () => {
      const registry = await open()
      for (const [version, createdAt] of [['b', 2] as const, ['c', 3] as const, ['a', 1] as const, ['d', 3] as const]) {
        await registry.add(manifest(version, createdAt))
      }
      expect((await registry.list()).map(({ version }) => version)).toEqual(['d', 'c', 'b', 'a'])
    })

    it('takes the same manifest again, and refuses another under its version', async () => {
      const registry = await open()
      await registry.add(manifest('v1', 1))
      await registry.add(manifest('v1', 1))
      await expect(registry.add(manifest('v1', 2))).rejects.toMatchObject({ code: 'conflict' })
      expect(await registry.get('v1')).toEqual(manifest('v1', 1))
    })

    it('keeps one of two different manifests added at once', async () => {
      const registry = await open()
      const both = await Promise.allSettled([registry.add(manifest('v1', 1)), registry.add(manifest('v1', 2))])
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(await registry.list()).toHaveLength(1)
    })

    it('takes versions of any name', async () => {
      const registry = await open()
      for (const version of ['..', 'a/b', 'ü ?']) {
        await registry.add(manifest(version, 1))
        expect(await registry.get(version)).toEqual(manifest(version, 1))
      }
    })
  })
}
