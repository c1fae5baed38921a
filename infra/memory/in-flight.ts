import { MillraceError } from '#schemas/errors.ts'

/** One effect on its way: it lands once, late or never. */
interface Effect {
  readonly owner: Owner
  /** What it would change, so that a read can find it; undefined for what no read may hasten. */
  readonly name: string | undefined
  readonly land: () => void
  readonly landed: () => void
}

export interface Owner {
  readonly name: string
  /** Does the effects together and resolves when all have landed; never settles once the owner is dead. */
  perform<T>(effects: readonly { readonly name?: string; readonly land: () => void }[], result: () => T): Promise<T>
  /** Lands each effect under way whose name begins so, or not, by chance: what it changes is then visible for good. */
  glimpse(prefix: string): void
  /** Sometimes waits for a step, as a read that takes its time does. */
  linger(): Promise<void>
  /** The process is gone: what it awaits never settles, what it sent may still land. */
  die(): void
  /** Everything it awaits fails with `store-failed`; what it sent may still land at any later time. */
  fail(): void
}

export interface InFlight {
  owner(name: string): Owner
  /** Effects under way, those of the dead included. */
  readonly size: number
  /** Lands one effect under way, chosen by chance; false when there is none. */
  step(): boolean
  /** Of the effects of the dead and of failed calls, loses each for good with this probability. */
  lose(share: number): void
  /** Lands all that is under way, in an order chosen by chance. */
  landAll(): void
}

export interface InFlightOptions {
  /** In [0, 1); equal streams give equal runs. */
  readonly random: () => number
  /** Called after effects have set out: lets a test land them without steering. */
  readonly onDeparture?: () => void
}

/**
 * The weakest world the ports allow: effects set out at once and land one by one, in any order, when {@link InFlight.step}
 * is called. Stores and logs that share one of these share one order of landing.
 */
export function inFlight({ random, onDeparture }: InFlightOptions): InFlight {
  let under: Effect[] = []
  const abandoned = new WeakSet<Effect>()

  function land(effect: Effect): void {
    under = under.filter((other) => other !== effect)
    effect.land()
    effect.landed()
  }

  function owner(name: string): Owner {
    let dead = false
    const failures = new Set<() => void>()
    const abandon = () => {
      for (const effect of under) if (effect.owner === self) abandoned.add(effect)
    }
    const self: Owner = {
      name,
      perform<T>(effects: readonly { readonly name?: string; readonly land: () => void }[], result: () => T) {
        const { promise, resolve, reject } = Promise.withResolvers<T>()
        if (dead) return promise
        const fail = () =>
          reject(
            new MillraceError('store-failed', `${name} got no answer; the write may yet land`, { retriable: true }),
          )
        const finish = () => {
          failures.delete(fail)
          if (!dead) resolve(result())
        }
        failures.add(fail)
        let left = effects.length
        if (left === 0) finish()
        const landed = () => {
          left -= 1
          if (left === 0) finish()
        }
        for (const { name, land } of effects) under.push({ owner: self, name, land, landed })
        if (effects.length > 0) onDeparture?.()
        return promise
      },
      glimpse(prefix) {
        for (const effect of under) if (effect.name?.startsWith(prefix) === true && random() < 0.5) land(effect)
      },
      async linger() {
        if (dead || random() < 0.3) await self.perform([{ land() {} }], () => undefined)
      },
      die() {
        dead = true
        failures.clear()
        abandon()
      },
      fail() {
        abandon()
        for (const fail of failures) fail()
        failures.clear()
      },
    }
    return self
  }

  return {
    owner,
    get size() {
      return under.length
    },
    step() {
      const effect = under[Math.floor(random() * under.length)]
      if (effect !== undefined) land(effect)
      return effect !== undefined
    },
    lose(share) {
      under = under.filter((effect) => !abandoned.has(effect) || random() >= share)
    },
    landAll() {
      for (let effect = under[0]; effect !== undefined; effect = under[Math.floor(random() * under.length)])
        land(effect)
    },
  }
}
