import { describe, expect, it, vi } from 'vitest'
import { scheduleTraining, type TrainingScheduleOptions } from './schedule.ts'

interface Stage {
  readonly options: TrainingScheduleOptions
  readonly errors: unknown[]
  events: number
  trainings: number
  /** What the schedule does every now and then. */
  look: () => Promise<void>
  looking: boolean
}

function stage(options: Partial<TrainingScheduleOptions> = {}): Stage {
  const made: Stage = {
    errors: [],
    events: 0,
    trainings: 0,
    look: () => Promise.reject(new Error('not looking')),
    looking: false,
    options: {
      cron: '',
      afterEvents: 100,
      train: async () => void made.trainings++,
      countEvents: async () => made.events,
      every(look) {
        made.look = look
        made.looking = true
        return () => {
          made.looking = false
        }
      },
      onError: (error) => void made.errors.push(error),
      ...options,
    },
  }
  return made
}

describe('The schedule', () => {
  it('trains after so many new events, and counts anew from there', async () => {
    const at = stage()
    const schedule = await scheduleTraining(at.options)
    at.events = 99
    await at.look()
    expect(at.trainings).toBe(0)
    at.events = 100
    await at.look()
    await at.look()
    expect(at.trainings).toBe(1)
    at.events = 200
    await at.look()
    expect(at.trainings).toBe(2)
    await schedule.stop()
  })

  it('does not count the events that were there at the start', async () => {
    const at = stage()
    at.events = 5_000
    const schedule = await scheduleTraining(at.options)
    await at.look()
    expect(at.trainings).toBe(0)
    await schedule.stop()
  })

  it('trains once at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const train = vi.fn(() => promise)
    const at = stage({ train })
    const schedule = await scheduleTraining(at.options)
    const first = schedule.runNow()
    expect(await schedule.runNow()).toBe(false)
    at.events = 1_000
    await at.look()
    resolve()
    expect(await first).toBe(true)
    expect(train).toHaveBeenCalledTimes(1)
    await schedule.stop()
  })

  it('reports a training that failed and goes on', async () => {
    const failure = new Error('no interactions')
    const train = vi.fn<() => Promise<void>>().mockRejectedValueOnce(failure).mockResolvedValue()
    const at = stage({ train })
    const schedule = await scheduleTraining(at.options)
    at.events = 100
    await at.look()
    expect(at.errors).toEqual([failure])
    at.events = 200
    await at.look()
    expect(train).toHaveBeenCalledTimes(2)
    await schedule.stop()
  })

  it('waits for the training under way when it stops, and begins no other', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const at = stage({ train: () => promise })
    const schedule = await scheduleTraining(at.options)
    const run = schedule.runNow()
    let stopped = false
    const stopping = schedule.stop().then(() => (stopped = true))
    await Promise.resolve()
    expect(stopped).toBe(false)
    resolve()
    await Promise.all([run, stopping])
    expect(at.looking).toBe(false)
    expect(await schedule.runNow()).toBe(false)
  })

  it('trains at the time of its cron expression', async () => {
    vi.useFakeTimers({ now: new Date(2026, 0, 1, 2, 59, 58) })
    try {
      const at = stage({ cron: '0 3 * * *', afterEvents: 0 })
      const schedule = await scheduleTraining(at.options)
      await vi.advanceTimersByTimeAsync(10_000)
      expect(at.trainings).toBe(1)
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(at.trainings).toBe(1)
      await schedule.stop()
    } finally {
      vi.useRealTimers()
    }
  })

  it('refuses what is not a cron expression', async () => {
    await expect(scheduleTraining(stage({ cron: 'at three' }).options)).rejects.toMatchObject({
      code: 'configuration-invalid',
    })
  })
})
