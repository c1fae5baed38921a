import { describe, expect, it } from 'vitest'
import type { Lease } from './lease.ts'

export interface LeaseSubject {
  readonly lease: Lease
  readonly pass: (ms: number) => Promise<void> | void
}

export function leaseContract(name: string, open: () => Promise<LeaseSubject>): void {
  describe(`Lease: ${name}`, () => {
    it('is held by one at a time, however many ask at once', async () => {
      const { lease } = await open()
      const held = await Promise.all(['a', 'b', 'c'].map((owner) => lease.acquire('train', owner, 1_000)))
      expect(held.filter((one) => one !== undefined)).toHaveLength(1)
    })

    it('is not given a second time to an owner that holds it', async () => {
      const { lease } = await open()
      expect(await lease.acquire('train', 'a', 1_000)).toBeDefined()
      expect(await lease.acquire('train', 'a', 1_000)).toBeUndefined()
    })

    it('has names that do not touch each other', async () => {
      const { lease } = await open()
      expect(await lease.acquire('train', 'a', 1_000)).toBeDefined()
      expect(await lease.acquire('build', 'b', 1_000)).toBeDefined()
    })

    it('is free again after a release, with a higher token', async () => {
      const { lease } = await open()
      const first = await lease.acquire('train', 'a', 1_000)
      await first?.release()
      const second = await lease.acquire('train', 'b', 1_000)
      expect(second?.token).toBeGreaterThan(first?.token ?? Infinity)
    })

    it('ends for a holder that does not renew it', async () => {
      const { lease, pass } = await open()
      const first = await lease.acquire('train', 'a', 1_000)
      await pass(1_001)
      const second = await lease.acquire('train', 'b', 1_000)
      expect(second?.token).toBeGreaterThan(first?.token ?? Infinity)
      expect(await first?.renew()).toBe(false)
    })

    it('lasts as long as it is renewed in time', async () => {
      const { lease, pass } = await open()
      const held = await lease.acquire('train', 'a', 1_000)
      for (let i = 0; i < 3; i++) {
        await pass(600)
        expect(await held?.renew()).toBe(true)
      }
      expect(await lease.acquire('train', 'b', 1_000)).toBeUndefined()
    })

    it('cannot be renewed once it is over, even while nobody took it', async () => {
      const { lease, pass } = await open()
      const held = await lease.acquire('train', 'a', 1_000)
      await pass(1_001)
      expect(await held?.renew()).toBe(false)
    })

    it("leaves a successor's lease alone when a former holder releases", async () => {
      const { lease, pass } = await open()
      const first = await lease.acquire('train', 'a', 1_000)
      await pass(1_001)
      const second = await lease.acquire('train', 'b', 1_000)
      await first?.release()
      expect(await second?.renew()).toBe(true)
      expect(await lease.acquire('train', 'c', 1_000)).toBeUndefined()
    })
  })
}
