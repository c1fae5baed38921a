import { scheduleTraining } from '#batch/schedule.ts'
import { leadership } from '../leadership.ts'
import { chores } from './chores.ts'
import { logWatch } from './log-watch.ts'
import type { Role, RoleContext } from './role.ts'

const lookEveryMs = 10_000
const retainEveryMs = 3_600_000

/** Says when to train and lets go of what is too old: of several instances one at a time. */
export async function startScheduleRole({
  parts,
  report,
  train,
}: Pick<RoleContext, 'parts' | 'report'> & { readonly train: () => Promise<unknown> }): Promise<Role> {
  const { config, clock, log } = parts
  const leader = leadership({ ...parts, name: 'schedule', report })
  const work = chores(clock, report)
  work.every(retainEveryMs, 'applying retention', async () => {
    if (leader.isLeader()) await log.retain(clock.now())
  })
  const schedule = await scheduleTraining({
    train: async () => (leader.isLeader() ? train() : undefined),
    cron: config.trainCron,
    afterEvents: config.trainAfterEvents,
    countEvents: async () => (await log.bounds('interactions')).reduce((sum, { end }) => sum + end, 0),
    every(look) {
      const timer = setInterval(() => void look(), lookEveryMs)
      return () => clearInterval(timer)
    },
    onError: (error) => report(error, 'training'),
  })
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  return {
    routes: [],
    ready: logWatch({ parts }, work),
    async stop() {
      await schedule.stop()
      await work.stop()
      await leader.resign()
      resolve()
    },
    ended,
  }
}
