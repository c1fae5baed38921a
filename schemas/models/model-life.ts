import type { AnnouncedBase, ModelEvent } from '../events/derived.ts'
import type { Position } from '../position.ts'

/** The right to train: one run at a time has it, until it is released or expires. */
export interface Claim {
  readonly run: string
  readonly owner: string
  /** Epoch ms. */
  readonly until: number
}

/** A model version on the rows of a generation. */
export interface ServedModel {
  readonly version: string
  readonly generation: string
}

/** What the topic `models` says so far. Never changed in place. */
export interface ModelLife {
  /** What every serving instance uses or is about to use. */
  readonly serving: ServedModel | undefined
  /** What was served before that, and is kept ready until it is retired: where a rollback goes. */
  readonly previous: ServedModel | undefined
  /** The newest claim that won and was not released. It counts for nothing once `until` has passed. */
  readonly claimed: Claim | undefined
  /** Versions in the order of their publication. */
  readonly published: readonly string[]
  /** Generations whose caches are built, with the positions a server must have caught up to. */
  readonly ready: readonly (ServedModel & { readonly positions: readonly Position[] })[]
  readonly retired: readonly ServedModel[]
  /** The last four of each kind and name, in the order of their announcement: older ones nobody needs. */
  readonly bases: readonly AnnouncedBase[]
}

export const blankModelLife: ModelLife = {
  serving: undefined,
  previous: undefined,
  claimed: undefined,
  published: [],
  ready: [],
  retired: [],
  bases: [],
}

/** The fold of the topic `models`: pure, so that every reader sees the same life. */
export function foldModelLife(life: ModelLife, event: ModelEvent): ModelLife {
  switch (event.type) {
    case 'claimed':
      return { ...life, claimed: claim(life.claimed, event) }
    case 'released':
      return life.claimed?.run === event.run ? { ...life, claimed: undefined } : life
    case 'published':
      return life.published.includes(event.version) ? life : { ...life, published: [...life.published, event.version] }
    case 'ready': {
      const { version, generation, positions } = event
      return {
        ...life,
        ready: [...without(life.ready, event), { version, generation, positions }],
        retired: without(life.retired, event),
      }
    }
    case 'switched': {
      if (life.serving !== undefined && isSame(life.serving, event)) return life
      return {
        ...life,
        serving: { version: event.version, generation: event.generation },
        previous: life.serving,
      }
    }
    case 'retired': {
      const { version, generation } = event
      return {
        ...life,
        previous: life.previous !== undefined && isSame(life.previous, event) ? undefined : life.previous,
        ready: without(life.ready, event),
        retired: [...without(life.retired, event), { version, generation }],
      }
    }
    case 'base':
      return { ...life, bases: withBase(life.bases, event) }
  }
}

const basesRemembered = 4

function withBase(known: readonly AnnouncedBase[], { of, name, blob, at }: AnnouncedBase): AnnouncedBase[] {
  const isAlike = (base: AnnouncedBase) => base.of === of && base.name === name
  const alike = known.filter((base) => isAlike(base) && base.blob !== blob)
  return [...known.filter((base) => !isAlike(base)), ...alike.slice(1 - basesRemembered), { of, name, blob, at }]
}

/** The first claim wins while it is open; its own run may prolong it; from its end on the next claim wins. */
function claim(open: Claim | undefined, event: Extract<ModelEvent, { type: 'claimed' }>): Claim {
  const wins = open === undefined || open.run === event.run || open.until <= event.at
  return wins ? { run: event.run, owner: event.owner, until: event.until } : open
}

function isSame(a: ServedModel, b: ServedModel): boolean {
  return a.version === b.version && a.generation === b.generation
}

function without<T extends ServedModel>(list: readonly T[], gone: ServedModel): readonly T[] {
  return list.filter((entry) => !isSame(entry, gone))
}
