import type { RowTable } from '#infra/memory/row-table.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { RowProcessor } from '#stream-processors/runtime/processor.ts'
import { inFlight } from '#infra/memory/in-flight.ts'
import { weakEventLog, type LogSession } from '#infra/memory/weak-event-log.ts'
import { weakStateStore, type StoreSession } from '#infra/memory/weak-state-store.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { runPartition } from '#stream-processors/runtime/partition-task.ts'

/** Takes a rule out of the protocol, to prove that the model test notices. */
export interface Sabotage {
  readonly store?: (store: StateStore) => StateStore
  readonly processor?: (processor: RowProcessor<'interactions'>) => RowProcessor<'interactions'>
}

export interface WorldOptions {
  readonly random: () => number
  /** Holds the interactions already; takes the notices. */
  readonly log: EventLog
  readonly codec: Codec
  readonly settings: FoldSettings
  readonly steps: number
  readonly sabotage?: Sabotage
  /** What is durable: watched from outside while the world runs. */
  readonly rows: RowTable
}

export interface WorldEnd {
  readonly ties: readonly string[]
  /** Failures of tasks that no protocol allows. */
  readonly failures: readonly unknown[]
}

interface Task {
  readonly name: string
  readonly partition: number
  readonly store: StoreSession
  readonly log: LogSession
  readonly stop: AbortController
  next: number
  ended: boolean
}

/**
 * Runs the real tasks through crashes, zombies, moves, failed writes and late ones; then through a clean end. Every
 * choice is a function of `random`.
 */
export async function runWorld(options: WorldOptions): Promise<WorldEnd> {
  const { random, codec, settings, sabotage = {} } = options
  const flight = inFlight({ random })
  const store = weakStateStore(flight, options.rows)
  const failures: unknown[] = []
  const processor = (sabotage.processor ?? ((same) => same))(interactionsProcessor(settings))
  const bounds = await options.log.bounds('interactions')
  const below = (n: number) => Math.floor(random() * n)
  let made = 0

  function start(partition: number): Task {
    const name = `task ${made++} of ${partition}`
    const task: Task = {
      name,
      partition,
      store: store.session(name),
      log: weakEventLog(options.log, flight, name),
      stop: new AbortController(),
      next: 0,
      ended: false,
    }
    void live(task)
    return task
  }

  async function live(task: Task): Promise<void> {
    const { epoch } = bounds[task.partition]!
    try {
      const fallback = { epoch, partition: task.partition, offset: 0 }
      const from = (await task.store.checkpoint('interactions', task.partition)) ?? fallback
      task.next = from.offset
      await runPartition({
        processor,
        log: task.log,
        store: (sabotage.store ?? ((same) => same))(task.store),
        codec,
        metrics: noMetrics,
        now: () => 0,
        from,
        maxRecords: 1 + below(14),
        cacheBytes: random() < 0.5 ? 1_000_000 : 300,
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
    task.store.die()
    task.log.die()
    task.stop.abort()
  }

  const everStarted: Task[] = []
  const current = bounds.map(({ partition }) => start(partition))
  everStarted.push(...current)
  const replace = (partition: number) => {
    const successor = start(partition)
    current[partition] = successor
    everStarted.push(successor)
  }

  for (let step = 0; step < options.steps; step++) {
    const chance = random()
    const partition = below(bounds.length)
    const task = current[partition]!
    if (chance < 0.92) flight.step()
    else if (chance < 0.94) {
      kill(task)
      flight.lose(0.4)
      replace(partition)
    } else if (chance < 0.955) {
      task.store.fail()
      task.log.fail()
    } else if (chance < 0.975) replace(partition)
    else if (chance < 0.98) flight.lose(0.3)
    await settled()
    if (current[partition]?.ended === true) replace(partition)
  }

  for (const task of everStarted) kill(task)
  flight.lose(0.3)
  const last = bounds.map(({ partition }) => start(partition))
  while (last.some((task) => task.next < bounds[task.partition]!.end && !task.ended)) {
    flight.step()
    await settled()
  }
  flight.landAll()
  await settled()
  for (const task of last) task.stop.abort()
  return { ties: store.ties, failures }
}

/** Lets every continuation run that needs no further effect to land. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
