import { MillraceError } from '#schemas/errors.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'

/** Where calls to real servers wait for their moment. */
export interface Gate {
  /** Calls that wait. */
  readonly size: number
  /** Lets one go, or a part of it when its owner fails, and resolves when the servers have answered it. */
  release(): Promise<void>
  /** From now on every call goes at once. */
  open(): void
  /** Sends one thing that an owner sent before it failed; false when there is none. */
  landOne(): Promise<boolean>
  /** Forgets a share of what has not landed: it was lost. */
  lose(share: number): void
}

/** The servers as one owner sees them; owners of the same task may live at the same time (zombies). */
export interface GatedOwner {
  readonly store: StateStore
  readonly log: EventLog
  /** Its process is gone: nothing it awaits settles; what it was sending may have been sent, in part, or land later. */
  die(): void
  /** The call that waits, or the next one, fails with `store-failed`; it may have been taken in part, or land later. */
  fail(): void
}

export interface GatedServers {
  readonly gate: Gate
  owner(): GatedOwner
}

export interface GatedServersOptions {
  readonly random: () => number
  /** Real: what lands is there. */
  readonly store: StateStore
  readonly log: EventLog
}

interface Waiting {
  readonly go: () => Promise<void>
}

const never = new Promise<never>(() => {})

/**
 * Real servers behind a gate: each call of an owner waits until it is let go, so that crashes, failures and other owners'
 * calls come between any two of them. What an owner that dies or fails was writing is cut at random into rows that land
 * at once, rows that land later, after others have gone on, and rows that are lost.
 */
export function gatedServers({ random, store, log }: GatedServersOptions): GatedServers {
  const waiting: Waiting[] = []
  let late: (() => Promise<void>)[] = []
  let isOpen = false

  function takeOne<T>(list: T[]): T | undefined {
    return list.splice(Math.floor(random() * list.length), 1)[0]
  }

  /** Of the pieces of a call that failed: some land now, some may later. */
  async function cut(pieces: readonly (() => Promise<unknown>)[]): Promise<void> {
    const now: (() => Promise<unknown>)[] = []
    for (const piece of pieces) {
      const chance = random()
      if (chance < 0.4) now.push(piece)
      else if (chance < 0.8) late.push(async () => void (await piece()))
    }
    await Promise.all(now.map((piece) => piece()))
  }

  function owner(): GatedOwner {
    let isDead = false
    let isFailing = false

    /** `pieces` are the effects of the call, each of which may land without the others. */
    function call<T>(act: () => Promise<T>, pieces: readonly (() => Promise<unknown>)[] = []): Promise<T> {
      if (isDead) return never
      return new Promise((resolve, reject) => {
        const go = async () => {
          if (isDead || isFailing) {
            const isAnswered = !isDead
            isFailing = false
            await cut(pieces)
            if (isAnswered) reject(new MillraceError('store-failed', 'the answer was lost', { retriable: true }))
            return
          }
          try {
            const result = await act()
            if (!isDead) resolve(result)
          } catch (error) {
            reject(error)
          }
        }
        if (isOpen) void go()
        else waiting.push({ go })
      })
    }

    return {
      store: {
        read: (keys) => call(() => store.read(keys)),
        readParts: (table, key) => call(() => store.readParts(table, key)),
        write: (rows) => {
          const pieces = rows.map((row) => () => store.write([row]))
          return call(() => store.write(rows), pieces)
        },
        scan: (table, options) => store.scan(table, options),
        checkpoint: (task, partition) => call(() => store.checkpoint(task, partition)),
        saveCheckpoint: (task, position) => {
          const save = () => store.saveCheckpoint(task, position)
          return call(save, [save])
        },
        close: () => Promise.resolve(),
      },
      log: {
        ...log,
        append: (topic, records) => {
          const append = () => log.append(topic, records)
          return call(append, [append])
        },
      },
      die: () => {
        isDead = true
      },
      fail: () => {
        isFailing = true
      },
    }
  }

  return {
    owner,
    gate: {
      get size() {
        return waiting.length
      },
      async release() {
        await takeOne(waiting)?.go()
      },
      open() {
        isOpen = true
        for (const { go } of waiting.splice(0)) void go()
      },
      async landOne() {
        const landing = takeOne(late)
        await landing?.()
        return landing !== undefined
      },
      lose(share) {
        late = late.filter(() => random() >= share)
      },
    },
  }
}
