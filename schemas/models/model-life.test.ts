import { describe, expect, it } from 'vitest'
import type { ModelEvent } from '../events/derived.ts'
import { blankModelLife, foldModelLife, type ModelLife } from './model-life.ts'

function live(...events: ModelEvent[]): ModelLife {
  return events.reduce(foldModelLife, blankModelLife)
}

function claimed(run: string, at: number, until: number): ModelEvent {
  return { type: 'claimed', run, owner: `owner of ${run}`, at, until }
}

function switched(version: string, generation = 'g'): ModelEvent {
  return { type: 'switched', version, generation, at: 0, reason: 'published' }
}

function ready(version: string, generation = 'g'): ModelEvent {
  return { type: 'ready', version, generation, positions: [{ epoch: 1, partition: 0, offset: 5 }], at: 0 }
}

describe('the claim to train', () => {
  it('is won by the first of two', () => {
    expect(live(claimed('a', 0, 100), claimed('b', 1, 101)).claimed?.run).toBe('a')
  })

  it('goes to the next run once it has been released', () => {
    const released: ModelEvent = { type: 'released', run: 'a', reason: 'done', at: 5 }
    expect(live(claimed('a', 0, 100), released).claimed).toBeUndefined()
    expect(live(claimed('a', 0, 100), released, claimed('b', 6, 106)).claimed?.run).toBe('b')
  })

  it('is not taken away by the release of a run that never had it', () => {
    const released: ModelEvent = { type: 'released', run: 'b', reason: 'lost', at: 5 }
    expect(live(claimed('a', 0, 100), claimed('b', 1, 101), released).claimed?.run).toBe('a')
  })

  it('ends at its time and not before', () => {
    expect(live(claimed('a', 0, 100), claimed('b', 99, 199)).claimed?.run).toBe('a')
    expect(live(claimed('a', 0, 100), claimed('b', 100, 200)).claimed?.run).toBe('b')
  })

  it('is prolonged by its own run, unless another has taken it over', () => {
    expect(live(claimed('a', 0, 100), claimed('a', 90, 190), claimed('b', 150, 250)).claimed?.run).toBe('a')
    expect(live(claimed('a', 0, 100), claimed('b', 120, 220), claimed('a', 130, 230)).claimed?.run).toBe('b')
  })
})

describe('the model served', () => {
  it('is the one last switched to, and the one before it is kept', () => {
    const life = live(switched('1'), switched('2'))
    expect(life.serving).toEqual({ version: '2', generation: 'g' })
    expect(life.previous).toEqual({ version: '1', generation: 'g' })
  })

  it('goes back by a switch back, and forward again', () => {
    const life = live(switched('1'), switched('2'), switched('1'))
    expect(life.serving?.version).toBe('1')
    expect(life.previous?.version).toBe('2')
  })

  it('does not lose its predecessor when a switch is said twice', () => {
    expect(live(switched('1'), switched('2'), switched('2')).previous?.version).toBe('1')
  })

  it('tells generations of one version apart', () => {
    const life = live(switched('1', 'old'), switched('1', 'new'))
    expect(life.serving?.generation).toBe('new')
    expect(life.previous?.generation).toBe('old')
  })
})

it('lists each published version once, in order', () => {
  const published = (version: string): ModelEvent => ({ type: 'published', run: 'a', version, at: 0 })
  expect(live(published('1'), published('2'), published('1')).published).toEqual(['1', '2'])
})

it('forgets what is retired, until it is made ready again', () => {
  const retired: ModelEvent = { type: 'retired', version: '1', generation: 'g', at: 0 }
  const life = live(ready('1'), switched('1'), ready('2'), switched('2'), retired)
  expect(life.previous).toBeUndefined()
  expect(life.ready.map(({ version }) => version)).toEqual(['2'])
  expect(life.retired).toEqual([{ version: '1', generation: 'g' }])
  const again = foldModelLife(life, ready('1'))
  expect(again.retired).toEqual([])
  expect(again.ready.map(({ version }) => version)).toEqual(['2', '1'])
})

it('remembers the last four bases of each kind and name', () => {
  const base = (of: 'items' | 'graph', name: string, n: number): ModelEvent => ({
    type: 'base',
    of,
    name,
    blob: `${of}-${name}-${n}`,
    at: n,
  })
  const life = live(
    base('graph', 'v1', 0),
    ...[1, 2, 3, 4, 5, 5].map((n) => base('items', 'r', n)),
    base('items', 'other', 6),
  )
  expect(life.bases.map(({ blob }) => blob)).toEqual([
    'graph-v1-0',
    'items-r-2',
    'items-r-3',
    'items-r-4',
    'items-r-5',
    'items-other-6',
  ])
})
