import type { ReadableFeatures, ReadableInteraction, ReadableTables } from '#schemas/ports/readable-tables.ts'

/** With the reads that people and tests make of them. */
export interface MemoryReadableTables extends ReadableTables {
  /** The youngest first. */
  interactions(userId: string): readonly ReadableInteraction[]
  /** By whole name. */
  features(of: 'user' | 'item', key: string): Readonly<Record<string, string>>
}

interface Place {
  readonly epoch: number
  readonly offset: number
}

interface Feature extends Place {
  readonly name: string
  readonly value: string
}

/** The reference tables for people, gone with the process. */
export function memoryReadableTables(): MemoryReadableTables {
  const interactions = new Map<string, Map<string, ReadableInteraction>>()
  const features = new Map<string, Map<string, Feature>>()
  /** By subject and scope: what is below this has been removed, whether it was known then or not. */
  const removed = new Map<string, Place>()

  function remove(name: string, below: Place): void {
    if (isAbove(below, removed.get(name))) removed.set(name, below)
  }

  function put(write: ReadableFeatures): void {
    const subject = `${write.of} ${write.key}`
    const scope = `${subject} ${write.scope}`
    if (write.replaces) remove(scope, write)
    const known = entry(features, subject, () => new Map<string, Feature>())
    for (const [name, value] of Object.entries(write.values)) {
      const whole = `${write.scope}.${name}`
      const { epoch, offset } = write
      if (!isAbove(known.get(whole), write)) known.set(whole, { name: whole, value, epoch, offset })
    }
  }

  return {
    async putInteractions(rows) {
      for (const row of rows) {
        entry(interactions, row.userId, () => new Map<string, ReadableInteraction>()).set(
          `${row.timestamp} ${row.eventId}`,
          row,
        )
      }
    },
    async putFeatures(writes) {
      for (const write of writes) put(write)
    },
    async erase(users) {
      for (const { userId, epoch, offset } of users) {
        remove(userId, { epoch, offset })
        remove(`user ${userId} activity`, { epoch, offset: offset + 1 })
      }
    },
    interactions(userId) {
      const rows = [...(interactions.get(userId)?.values() ?? [])]
      const kept = rows.filter((row) => !isAbove(removed.get(userId), row))
      return kept.sort((a, b) => b.timestamp - a.timestamp || (a.eventId < b.eventId ? -1 : 1))
    },
    features(of, key) {
      const subject = `${of} ${key}`
      const known = [...(features.get(subject)?.values() ?? [])]
      const kept = known.filter(({ name, ...at }) => !isAbove(removed.get(`${subject} ${name.split('.')[0]}`), at))
      return Object.fromEntries(kept.map(({ name, value }) => [name, value]))
    },
  }
}

function isAbove(a: Place | undefined, b: Place | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.offset > b.offset)
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
