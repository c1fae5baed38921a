import { schedule as scheduleCron, validate } from 'node-cron'
import { MillraceError } from '#schemas/errors.ts'

export interface TrainingScheduleOptions {
  /** Does one training; never called while it still runs. */
  readonly train: () => Promise<unknown>
  /** Cron expression in local time; undefined for never. */
  readonly cron?: string | undefined
  /** Also when this many events have come since the last training began; 0 or undefined for never. */
  readonly afterEvents?: number | undefined
  /** Events on the log so far: the sum of the ends of the partitions of `interactions`. */
  readonly countEvents: () => Promise<number>
  /** Calls back every now and then until stopped; gives the function that stops it. */
  readonly every: (look: () => Promise<void>) => () => void
  readonly onError: (error: unknown) => void
}

export const defaultTrainingCron = '0 3 * * *'

export interface TrainingSchedule {
  /** Trains now, unless a training is under way; then false. Rejects as the training does. */
  runNow(): Promise<boolean>
  /** Resolves when the training under way, if any, is over and no other will begin. */
  stop(): Promise<void>
}

/** Trains by the clock and by the number of new events, one training at a time. What fails is reported, and the schedule goes on. */
export async function scheduleTraining(options: TrainingScheduleOptions): Promise<TrainingSchedule> {
  const { train, cron = defaultTrainingCron, afterEvents = 0, countEvents, every, onError } = options
  if (cron !== '' && !validate(cron)) {
    throw new MillraceError('configuration-invalid', `not a cron expression: ${cron}`, { facts: { cron } })
  }
  let trainedAt = await countEvents()
  let running: Promise<unknown> | undefined
  let stopped = false

  async function runNow(): Promise<boolean> {
    if (stopped || running !== undefined) return false
    running = trainOnce()
    try {
      await running
    } finally {
      running = undefined
    }
    return true
  }

  async function trainOnce(): Promise<void> {
    trainedAt = await countEvents()
    await train()
  }

  async function runReporting(): Promise<void> {
    try {
      await runNow()
    } catch (error) {
      onError(error)
    }
  }

  async function look(): Promise<void> {
    try {
      if (stopped || running !== undefined) return
      if ((await countEvents()) - trainedAt >= afterEvents) await runReporting()
    } catch (error) {
      onError(error)
    }
  }

  const task = cron === '' ? undefined : scheduleCron(cron, runReporting)
  const stopLooking = afterEvents > 0 ? every(look) : undefined

  return {
    runNow,
    async stop() {
      stopped = true
      stopLooking?.()
      await task?.destroy()
      await running?.catch(() => undefined)
    },
  }
}
