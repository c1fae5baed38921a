import { setTimeout as pause } from 'node:timers/promises'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { addressesOf, instanceUrl, type Address, type Lookup } from './addresses.ts'
import { instanceStates, watchInstance, type Instance, type InstanceOptions } from './instance.ts'
import { jittered } from './jittered.ts'
import type { RoutedRole } from './routing.ts'

export interface InstancesOptions extends Omit<InstanceOptions, 'onChange'> {
  readonly role: RoutedRole
  readonly urls: readonly string[]
  readonly lookup: Lookup
  /** Host names are looked up this often, give or take a fifth. */
  readonly lookupMs: number
  readonly metrics: Metrics
  readonly report: (error: unknown, doing: string) => void
}

export interface Instances {
  /**
   * The best instance to ask: a ready one, else one that at least lives; of several the one with the fewest requests under
   * way. One that was tried is taken only when there is no other. Undefined when none lives, `full` when all that do have
   * as many requests as they may.
   */
  pick(tried: ReadonlySet<Instance>): Instance | 'full' | undefined
  /** Why requests cannot be answered, for people; undefined when they can. */
  trouble(): string | undefined
  /** No more lookups and checks; connections are closed once idle, or at once when forced. */
  stop(force?: boolean): Promise<void>
}

/** The instances of one role. Resolves when each has been asked whether it is ready. */
export async function findInstances(options: InstancesOptions): Promise<Instances> {
  const { role, lookup, lookupMs, metrics, report } = options
  const urls = options.urls.map(instanceUrl)
  const known = new Map<string, Instance>()
  /** What each host name stood for when it could last be looked up. */
  const found = new Map<URL, readonly Address[]>()
  const leaving = new Set<Promise<void>>()
  const stopping = new AbortController()

  function measure(): void {
    for (const state of instanceStates) {
      const count = [...known.values()].filter((instance) => instance.state() === state).length
      metrics.gauge('millrace_gateway_instances', count, { role, state })
    }
  }

  async function refresh(): Promise<void> {
    await Promise.all(
      urls.map(async (url) => {
        try {
          found.set(url, await addressesOf(url, lookup))
        } catch (error) {
          report(error, `looking up ${url.hostname}; what it stood for before is kept`)
        }
      }),
    )
    const addresses = new Map([...found.values()].flat().map((address) => [address.origin, address]))
    for (const [origin, instance] of known) {
      if (addresses.has(origin)) continue
      known.delete(origin)
      const left = instance.stop().finally(() => leaving.delete(left))
      leaving.add(left)
    }
    for (const [origin, address] of addresses) {
      if (!known.has(origin)) known.set(origin, watchInstance(address, { ...options, onChange: measure }))
    }
    measure()
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await pause(jittered(lookupMs), undefined, { signal: stopping.signal })
      } catch {
        return
      }
      await refresh()
    }
  }

  await refresh()
  await Promise.all([...known.values()].map(({ checked }) => checked))
  const following = follow()
  return {
    pick(tried) {
      let best: Instance | undefined
      let bestRank = Infinity
      let isFull = false
      for (const instance of known.values()) {
        const state = instanceStates.indexOf(instance.state())
        if (state === down) continue
        if (!instance.load.hasRoom()) {
          isFull = true
          continue
        }
        const rank = tried.has(instance) ? state + down : state
        const isBetter = rank < bestRank || (rank === bestRank && isLighter(instance, best))
        if (isBetter) [best, bestRank] = [instance, rank]
      }
      return best ?? (isFull ? 'full' : undefined)
    },
    trouble() {
      const states = [...known.values()].map((instance) => instance.state())
      if (states.includes('ready')) return undefined
      return states.length === 0 ? `no instance of ${role} is known` : `${role}: ${states.join(', ')}`
    },
    async stop(force = false) {
      stopping.abort()
      await following
      await Promise.all([...[...known.values()].map((instance) => instance.stop(force)), ...(force ? [] : leaving)])
    },
  }
}

const down = instanceStates.indexOf('down')

/** Of two with as many requests the one is taken as often as the other. */
function isLighter(a: Instance, b: Instance | undefined): boolean {
  if (b === undefined) return true
  const more = a.load.underWay() - b.load.underWay()
  return more === 0 ? Math.random() < 0.5 : more < 0
}
