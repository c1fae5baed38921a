import { setImmediate } from 'node:timers/promises'
import type { ItemVector, ModelEvent } from '#schemas/events/derived.ts'
import {
  blankModelLife,
  foldModelLife,
  type ModelLife,
  type ServedModel as ModelName,
} from '#schemas/models/model-life.ts'
import { inTurns, type InPieces } from '#schemas/in-pieces.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { ServedModel } from './served-model.ts'
import type { StreamingVectors } from './streaming-vectors.ts'

/** Follows the life of models and keeps the one switched to in use, the one before it ready for a rollback. */
export interface Models {
  served(): ServedModel | undefined
  /** What the topic says so far. */
  life(): ModelLife
  apply(events: readonly ModelEvent[]): void
  takeVector(event: ItemVector): void
  refresh(slot: number): void
  /** Resolves once the model switched to last is served, or nothing was. */
  settled(): Promise<void>
  /** Why the model switched to is not served yet. */
  reason(): string | undefined
  stop(): Promise<void>
}

const retryMs = 1_000

/** Items brought up to what they have become before answers get their turn: a millisecond or so. */
const changesOfPiece = 64

export function models(options: {
  /** Loads a model and builds its index, with the streaming vectors known by then; those taken since the call come again. */
  readonly load: (name: ModelName) => Promise<ServedModel>
  readonly streaming: StreamingVectors
  readonly clock: Clock
  readonly metrics: Metrics
  readonly report: (error: unknown, doing: string) => void
}): Models {
  const { streaming, clock, metrics, report } = options
  const ready: ServedModel[] = []
  const stopping = new AbortController()
  let life: ModelLife = blankModelLife
  let served: ServedModel | undefined
  /** Events came that the run under way may not have seen. */
  let isChanged = false
  /** What changed while an index is being built: slots, and items with streaming vectors of its model. */
  let missed: { readonly version: string; readonly slots: Set<number>; readonly itemIds: Set<string> } | undefined
  let switching: Promise<void> | undefined

  function wanted(): ModelName | undefined {
    return life.serving
  }

  function isServed(): boolean {
    const name = wanted()
    return name === undefined || (served !== undefined && isSame(served, name))
  }

  async function switchOver(): Promise<void> {
    while (isChanged && !stopping.signal.aborted) {
      isChanged = false
      await serveWanted()
      try {
        await retire()
      } catch (error) {
        report(error, 'retiring models')
      }
    }
    // In the same turn as the last look at `isChanged`: an event from now on starts another run.
    switching = undefined
  }

  async function serveWanted(): Promise<void> {
    while (!isServed() && !stopping.signal.aborted) {
      const name = wanted()!
      try {
        const model = ready.find((kept) => isSame(kept, name)) ?? (await build(name))
        if (wanted() === name) serve(model)
      } catch (error) {
        report(error, `loading model ${name.version}`)
        await clock.sleep(retryMs, stopping.signal)
      }
    }
  }

  async function build(name: ModelName): Promise<ServedModel> {
    missed = { version: name.version, slots: new Set(), itemIds: new Set() }
    try {
      const model = await options.load(name)
      while (missed.itemIds.size + missed.slots.size > 0) {
        const { itemIds, slots } = missed
        missed = { version: name.version, slots: new Set(), itemIds: new Set() }
        await inTurns(broughtUp(model, itemIds, slots), setImmediate)
      }
      ready.push(model)
      return model
    } finally {
      missed = undefined
    }
  }

  function* broughtUp(model: ServedModel, itemIds: Iterable<string>, slots: Iterable<number>): InPieces<void> {
    let done = 0
    for (const itemId of itemIds) {
      model.setStreaming(itemId, streaming.of(model.version).get(itemId)!)
      if (++done % changesOfPiece === 0) yield
    }
    for (const slot of slots) {
      model.refresh(slot)
      if (++done % changesOfPiece === 0) yield
    }
  }

  function serve(model: ServedModel): void {
    if (served !== undefined) metrics.gauge('millrace_model_info', 0, { version: served.version })
    served = model
    metrics.gauge('millrace_model_info', 1, { version: model.version })
  }

  /** Lets go of models that are neither served nor kept for a rollback. */
  async function retire(): Promise<void> {
    const kept = [served, life.serving, life.previous]
    for (const model of ready.filter((known) => !kept.some((name) => name !== undefined && isSame(name, known)))) {
      ready.splice(ready.indexOf(model), 1)
      await model.close()
    }
    for (const { version } of life.retired) {
      if (!kept.some((name) => name?.version === version)) streaming.forget(version)
    }
  }

  return {
    served: () => served,
    life: () => life,
    apply(events) {
      for (const event of events) life = foldModelLife(life, event)
      isChanged = true
      switching ??= Promise.resolve().then(switchOver)
    },
    takeVector(event) {
      streaming.take(event)
      if (missed?.version === event.modelVersion) missed.itemIds.add(event.itemId)
      for (const model of ready)
        if (model.version === event.modelVersion) model.setStreaming(event.itemId, event.vector)
    },
    refresh(slot) {
      for (const model of ready) model.refresh(slot)
      missed?.slots.add(slot)
    },
    async settled() {
      for (let under = switching; under !== undefined; under = switching) await under
    },
    reason: () => (isServed() ? undefined : `model ${wanted()?.version} is being loaded`),
    async stop() {
      stopping.abort()
      await switching
      for (const model of ready.splice(0)) await model.close()
      served = undefined
    },
  }
}

function isSame(a: ModelName, b: ModelName): boolean {
  return a.version === b.version && a.generation === b.generation
}
