import type { Cache } from '#schemas/ports/cache.ts'
import type { Clock } from '#schemas/ports/clock.ts'

export interface MemoryCacheOptions {
  readonly clock: Clock
  /** Bytes of keys and values kept; the least recently used entries go first. Default 64 MiB. */
  readonly maxBytes?: number
}

interface Entry {
  readonly value: Uint8Array
  readonly version: number
  readonly expiresAt: number
}

/** A cache in this process. What `get` answers is the cache's own memory: not to be changed. */
export function memoryCache({ clock, maxBytes = 64 * 1024 * 1024 }: MemoryCacheOptions): Cache {
  /** Least recently used first. */
  const entries = new Map<string, Entry>()
  let bytes = 0

  function remove(key: string): void {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    bytes -= sizeOf(key, entry.value)
  }

  function current(key: string): Entry | undefined {
    const entry = entries.get(key)
    if (entry !== undefined && entry.expiresAt <= clock.now()) {
      remove(key)
      return undefined
    }
    return entry
  }

  return {
    async get(key) {
      const entry = current(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return { value: entry.value, version: entry.version }
    },
    async setIfNewer(key, value, version, ttlMs) {
      const known = current(key)
      if (known !== undefined && known.version > version) return false
      remove(key)
      if (sizeOf(key, value) > maxBytes) return false
      entries.set(key, { value: new Uint8Array(value), version, expiresAt: clock.now() + ttlMs })
      bytes += sizeOf(key, value)
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break
        remove(oldest)
      }
      return true
    },
    async delete(key) {
      remove(key)
    },
  }
}

/** Bytes an entry counts for: its key, its value and what holds them. */
function sizeOf(key: string, value: Uint8Array): number {
  return 2 * key.length + value.length + 128
}
