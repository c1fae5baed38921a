import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises'
import { isMillraceError } from '#schemas/errors.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, PartitionBounds } from '#schemas/ports/event-log.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { runPartition } from '#stream-processors/runtime/partition-task.ts'
import { gatedServers, type GatedOwner } from './gated-owner.fixture.ts'

export interface RealWorldOptions {
  readonly random: () => number
  /** Holds the interactions already; takes the notices. */
  readonly log: EventLog
  readonly store: StateStore
  readonly codec: Codec
  readonly settings: FoldSettings
  readonly steps: number
  /** Takes a rule out of the protocol, to prove that the test notices. */
  readonly sabotage?: (store: StateStore) => StateStore
}

interface Task {
  readonly owner: GatedOwner
  readonly partition: number
  readonly stop: AbortController
  next: number
  ended: boolean
}

const pollMs = 2

/**
 * Runs the real tasks on real servers through crashes, zombies, moves, failed writes and late ones; then through a clean
 * end, after which what is still late lands. Returns the failures of tasks that no protocol allows.
 */
export async function runRealWorld(options: RealWorldOptions): Promise<readonly unknown[]> {
  const { random, sabotage = (same) => same } = options
  const servers = gatedServers(options)
  const { gate } = servers
  const bounds = await options.log.bounds('interactions')
  const failures: unknown[] = []
  const below = (n: number) => Math.floor(random() * n)
  const all: Task[] = []

  function start({ epoch, partition }: PartitionBounds): Task {
    const task: Task = { owner: servers.owner(), partition, stop: new AbortController(), next: 0, ended: false }
    all.push(task)
    void live(task, epoch)
    return task
  }

  async function live(task: Task, epoch: number): Promise<void> {
    const { partition, owner } = task
    const maxRecords = 1 + below(14)
    const cacheBytes = random() < 0.5 ? 1_000_000 : 300
    try {
      const from = (await owner.store.checkpoint('interactions', partition)) ?? { epoch, partition, offset: 0 }
      task.next = from.offset
      await runPartition({
        processor: interactionsProcessor(options.settings),
        log: owner.log,
        store: sabotage(owner.store),
        codec: options.codec,
        metrics: noMetrics,
        now: () => 0,
        from,
        maxRecords,
        cacheBytes,
        signal: task.stop.signal,
        onCheckpoint: (next) => {
          task.next = next
        },
      })
    } catch (error) {
      if (!isMillraceError(error, 'store-failed')) failures.push(error)
    } finally {
      task.ended = true
    }
  }

  function kill(task: Task): void {
    task.owner.die()
    task.stop.abort()
  }

  const current = bounds.map(start)
  for (let step = 0; step < options.steps; step++) {
    const chance = random()
    const partition = below(bounds.length)
    const replace = () => {
      current[partition] = start(bounds[partition]!)
    }
    if (chance < 0.86) await Promise.all(Array.from({ length: 1 + below(3) }, () => gate.release()))
    else if (chance < 0.9) await gate.landOne()
    else if (chance < 0.93) {
      kill(current[partition]!)
      replace()
    } else if (chance < 0.96) current[partition]?.owner.fail()
    else if (chance < 0.99) replace()
    else gate.lose(0.3)
    await nextTurn()
    if (current[partition]?.ended === true) replace()
  }

  for (const task of all) kill(task)
  while (gate.size > 0) await gate.release()
  const last = bounds.map(start)
  gate.open()
  while (last.some((task) => task.next < bounds[task.partition]!.end && !task.ended)) await after(pollMs)
  for (const task of last) task.stop.abort()
  while (await gate.landOne());
  return failures
}
