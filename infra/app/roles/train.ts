import type { JobProgress } from '#batch/job.ts'
import { chores } from './chores.ts'
import { logWatch } from './log-watch.ts'
import { trainer, type Trainer } from '../trainer.ts'
import { trainingRoutes } from '../training-routes.ts'
import type { Role, RoleContext } from './role.ts'

export interface TrainRole extends Role {
  readonly trainer: Trainer
}

/** Trains when it is asked to, one training at a time on all machines. */
export function startTrainRole({
  parts,
  report,
  onTraining,
}: Pick<RoleContext, 'parts' | 'report'> & { readonly onTraining: (progress: JobProgress) => void }): TrainRole {
  const trainings = trainer(parts, onTraining)
  const work = chores(parts.clock, report)
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  return {
    trainer: trainings,
    routes: [trainingRoutes({ parts, trainer: trainings, report })],
    ready: logWatch({ parts }, work),
    async stop() {
      await trainings.stop()
      await work.stop()
      resolve()
    },
    ended,
  }
}
