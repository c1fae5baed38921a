import { followClickThrough } from '#stream-processors/click-through.ts'
import { startRankerLearner } from '#stream-processors/ranker-learner.ts'
import { topology } from '#stream-processors/topology.ts'
import { startReadableTables } from '#stream-processors/readable/readable-tables.ts'
import { startItemVectors } from '#stream-processors/processors/item-vectors.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { tableNames } from '#schemas/rows/tables.ts'
import { foldBatchOf } from '../config.ts'
import { chores } from './chores.ts'
import { logWatch } from './log-watch.ts'
import type { Role, RoleContext } from './role.ts'

export interface ProcessRole extends Role {
  /** Resolves once everything on its share of the source topics is folded and announced. */
  folded(): Promise<void>
}

export interface ProcessRoleOptions extends Pick<RoleContext, 'parts' | 'report'> {
  readonly metrics: Pick<RoleContext['metrics'], 'count' | 'gauge' | 'observe'>
  readonly solver: Pick<Solver, 'foldIn'>
}

const lagEveryMs = 1_000
/** Interactions not yet folded beyond which the tables for people wait: they and the fold share a store and a processor. */
const backlog = 2_000

/** Folds its share of every source topic, and keeps the vectors of new items fresh. */
export async function startProcessRole({ parts, metrics, solver, report }: ProcessRoleOptions): Promise<ProcessRole> {
  const { log, clock, codec, settings, config, membership } = parts
  const processors = topology(settings)
  const onRestart = (name: string, partition: number, error: unknown) =>
    report(error, `following partition ${partition} of ${name}; it goes on from where it was`)
  const tail = logTail({ log, codec, clock, onRestart })
  const share = { partitions: [] }
  const folding = {
    ...parts,
    ...share,
    metrics,
    onRestart,
    maxRecords: foldBatchOf(config),
    cacheBytes: config.rowCacheBytes / log.partitions('interactions') / tableNames.length,
  }
  const folds = [
    await startProcessing(processors.interactions, folding),
    await startProcessing(processors.items, folding),
    await startProcessing(processors.profiles, folding),
  ]
  const learner = config.ranking === 'learned' ? await startRankerLearner({ ...parts, tail, report }) : undefined
  const also = learner === undefined ? [] : [learner]
  const clicks = await followClickThrough({ tail, metrics, report, also, ...share })
  const vectors = await startItemVectors({ ...parts, ...share, solver, report, tail })
  const { readable: tables } = parts
  const onTrouble = (name: string, partition: number, error: unknown) =>
    report(error, `filling the tables for people from partition ${partition} by ${name}`)
  let lag = 0
  const mayGo = () => lag <= backlog
  const readable =
    tables === undefined ? [] : [await startReadableTables({ ...parts, ...share, tables, mayGo, onTrouble })]
  const sharers = [...folds, clicks, vectors, ...readable]
  const member = membership.join({
    group: `process-${parts.rows}`,
    async onShare(partitions) {
      metrics.gauge('millrace_partitions_owned', partitions.length)
      await Promise.all(sharers.map((sharer) => sharer.own(partitions)))
      learner?.own(partitions)
    },
  })
  const work = chores(clock, report)
  work.every(lagEveryMs, 'measuring the lag', async () => {
    const [interactions = 0] = await Promise.all(folds.map((fold) => fold.measureLag()))
    lag = interactions
  })
  const ended = Promise.all([member.ended, ...folds.map((fold) => fold.ended)])
  // A fold may fail before anyone asks how it ended.
  ended.catch(() => {})
  return {
    routes: [],
    ready: logWatch({ parts }, work),
    async folded() {
      await member.joined
      await Promise.all(folds.map((fold) => fold.caughtUp()))
    },
    async stop() {
      await work.stop()
      await member.leave()
      await Promise.all([vectors.stop(), clicks.stop()])
      await learner?.stop()
      await Promise.allSettled(readable.map((sink) => sink.stop()))
      await Promise.allSettled(folds.map((fold) => fold.stop()))
    },
    ended,
  }
}
