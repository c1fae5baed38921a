import type { RowWrite } from '#schemas/ports/state-store.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { stateStoreContract } from '#schemas/ports/state-store.contract.ts'
import { describe, expect, it } from 'vitest'
import { inFlight } from './in-flight.ts'
import { weakStateStore } from './weak-state-store.ts'

stateStoreContract('weak memory', async () => {
  const flight = inFlight({ random: seededRandom(7), onDeparture: () => setImmediate(() => flight.landAll()) })
  const weak = weakStateStore(flight)
  let opened = 0
  const reopen = async () => (store = weak.session(`owner ${opened++}`))
  let store = weak.session('first')
  return { store, scanOrder: 'keys', reopen, dispose: async () => await store.close() }
})

describe('a weak state store', () => {
  it('lands the rows of a write one by one, and resolves it with the last', async () => {
    const { flight, weak } = world(1)
    const written = settled(weak.session('a').write([row('x', 1), row('y', 1), row('z', 1)]))
    expect(flight.size).toBe(3)
    flight.step()
    flight.step()
    await turn()
    expect(written.is).toBe('pending')
    const read = await weak.durable.read(['x', 'y', 'z'].map((key) => ({ table: 'catalogue', key, part: 0 })))
    expect(read.filter((bytes) => bytes !== undefined)).toHaveLength(2)
    expect(flight.step()).toBe(true)
    await turn()
    expect(written.is).toBe('resolved')
    expect(flight.step()).toBe(false)
  })

  it('makes any subset of concurrent writes durable at a crash', () => {
    const seen = new Set<string>()
    for (let seed = 0; seed < 60; seed++) {
      const { flight, weak } = world(seed)
      const session = weak.session('a')
      settled(session.write([row('x', 1), row('y', 1)]))
      session.die()
      flight.lose(0.5)
      flight.landAll()
      seen.add(['x', 'y'].filter((key) => weak.has('catalogue', key, 0)).join())
    }
    expect([...seen].sort()).toEqual(['', 'x', 'x,y', 'y'])
  })

  it('never answers the dead', async () => {
    const { flight, weak } = world(3)
    const session = weak.session('a')
    const calls = [session.write([row('x', 1)]), session.saveCheckpoint('t', { epoch: 1, partition: 0, offset: 1 })]
    session.die()
    const states = [...calls, session.read([]), session.read([{ table: 'catalogue', key: 'x', part: 0 }])].map(settled)
    flight.landAll()
    await turn()
    expect(states.map(({ is }) => is)).toEqual(['pending', 'pending', 'resolved', 'pending'])
    expect(weak.has('catalogue', 'x', 0)).toBe(true)
  })

  it('lets a write that failed land late, where its guard still allows it', async () => {
    const { flight, weak } = world(4)
    const [old, young] = [weak.session('old'), weak.session('young')]
    const failing = old.write([row('x', 5), row('y', 5)])
    old.fail()
    await expect(failing).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    const written = young.write([row('x', 6)])
    flight.landAll()
    await written
    expect(await offsets(weak, ['x', 'y'])).toEqual([6, 5])
  })

  it('shows a write under way to a read by chance, and then to every later read', async () => {
    let glimpsed = 0
    for (let seed = 0; seed < 40; seed++) {
      const { flight, weak } = world(seed)
      settled(weak.session('writer').write([row('x', 1)]))
      const reader = weak.session('reader')
      const read = async () => {
        const [bytes] = await stepping(flight, reader.read([{ table: 'catalogue', key: 'x', part: 0 }]))
        return bytes !== undefined
      }
      const first = await read()
      if (!first) continue
      glimpsed += 1
      expect(await read()).toBe(true)
    }
    expect(glimpsed).toBeGreaterThan(5)
    expect(glimpsed).toBeLessThan(40)
  })

  it('notes two different rows under one guard', () => {
    const { flight, weak } = world(5)
    settled(weak.session('a').write([row('x', 1, 'one'), row('x', 1, 'two'), row('y', 1), row('y', 1)]))
    flight.landAll()
    expect(weak.ties).toHaveLength(1)
  })

  it('goes the same way for the same seed', async () => {
    const run = async (seed: number) => {
      const { flight, weak } = world(seed)
      const landed: string[] = []
      for (let i = 0; i < 12; i++) settled(weak.session(`${i % 3}`).write([row(`k${i % 4}`, i), row('hot', i)]))
      while (flight.step()) landed.push((await offsets(weak, ['k0', 'k1', 'k2', 'k3', 'hot'])).join())
      return landed
    }
    expect(await run(11)).toEqual(await run(11))
    expect(await run(11)).not.toEqual(await run(12))
  })
})

function world(seed: number) {
  const flight = inFlight({ random: seededRandom(seed) })
  return { flight, weak: weakStateStore(flight) }
}

function row(key: string, offset: number, bytes = `${offset}`): RowWrite {
  return { table: 'catalogue', key, part: 0, epoch: 1, offset, bytes: new TextEncoder().encode(bytes) }
}

function settled(promise: Promise<unknown>): { readonly is: 'pending' | 'resolved' | 'rejected' } {
  const state: { is: 'pending' | 'resolved' | 'rejected' } = { is: 'pending' }
  promise.then(
    () => (state.is = 'resolved'),
    () => (state.is = 'rejected'),
  )
  return state
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Steps only while the read waits to be let on. */
async function stepping<T>(flight: { step(): boolean; readonly size: number }, promise: Promise<T>): Promise<T> {
  const state = settled(promise)
  await turn()
  while (state.is === 'pending' && flight.step()) await turn()
  return await promise
}

async function offsets(weak: ReturnType<typeof weakStateStore>, keys: readonly string[]) {
  const found = await weak.durable.read(keys.map((key) => ({ table: 'catalogue', key, part: 0 })))
  return found.map((bytes) => bytes && Number(new TextDecoder().decode(bytes)))
}
