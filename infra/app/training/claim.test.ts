import { describe, expect, it } from 'vitest'
import { claimTraining, defaultClaimMs, releaseAbandoned } from '#batch/claim-training.ts'
import { runTraining } from '#batch/job.ts'
import { readModelLife } from '#batch/model-topic.ts'
import { checkerboard, trainingWorld } from './training.fixture.ts'

describe('The claim to train', () => {
  it('is had by one run at a time', async () => {
    const { options } = trainingWorld()
    const first = await claimTraining({ ...options, run: 'a' })
    expect(await claimTraining({ ...options, run: 'b' })).toBeUndefined()
    await first!.release('done')
    expect(await claimTraining({ ...options, run: 'b' })).toBeDefined()
  })

  it('is had by one of many that ask at once', async () => {
    const { options } = trainingWorld()
    const asked = await Promise.all(Array.from({ length: 8 }, (_, i) => claimTraining({ ...options, run: `run ${i}` })))
    expect(asked.filter((claim) => claim !== undefined)).toHaveLength(1)
  })

  it('of a trainer that died expires', async () => {
    const { options, clock } = trainingWorld()
    await claimTraining({ ...options, run: 'dead' })
    clock.advance(defaultClaimMs - 1)
    expect(await claimTraining({ ...options, run: 'b' })).toBeUndefined()
    clock.advance(1)
    expect(await claimTraining({ ...options, run: 'b' })).toBeDefined()
  })

  it('lasts as long as it is kept', async () => {
    const { options, clock } = trainingWorld()
    const claim = await claimTraining({ ...options, run: 'a' })
    for (let i = 0; i < 5; i++) {
      clock.advance(defaultClaimMs * 0.6)
      await claim!.keep()
    }
    expect(await claimTraining({ ...options, run: 'b' })).toBeUndefined()
  })

  it('is lost to who took over after it expired', async () => {
    const { options, clock } = trainingWorld()
    const claim = await claimTraining({ ...options, run: 'a' })
    clock.advance(defaultClaimMs)
    await claimTraining({ ...options, run: 'b' })
    await expect(claim!.keep()).rejects.toMatchObject({ code: 'lease-lost' })
    await expect(claim!.confirm()).rejects.toMatchObject({ code: 'lease-lost' })
    await claim!.release('lost')
    expect((await readModelLife(options)).claimed?.run).toBe('b')
  })

  it('of an owner that starts again is released at once, and of others is not', async () => {
    const { options } = trainingWorld()
    await claimTraining({ ...options, run: 'dead' })
    await releaseAbandoned({ ...options, owner: 'another' })
    expect((await readModelLife(options)).claimed?.run).toBe('dead')
    await releaseAbandoned(options)
    expect((await readModelLife(options)).claimed).toBeUndefined()
  })
})

describe('A training', () => {
  it('is refused while another has the claim', async () => {
    const { options, append } = trainingWorld()
    await append(checkerboard(10, 6))
    await claimTraining({ ...options, run: 'other' })
    await expect(runTraining({ ...options, run: 'mine' })).rejects.toMatchObject({ code: 'conflict', retriable: true })
    expect((await readModelLife(options)).claimed?.run).toBe('other')
  })

  it('that lost its claim to another publishes nothing', async () => {
    const { options, append, clock } = trainingWorld()
    await append(checkerboard(10, 6))
    let taken = false
    const features = {
      async *catalogue() {
        clock.advance(defaultClaimMs)
        taken = (await claimTraining({ ...options, run: 'other' })) !== undefined
        yield []
      },
    }
    await expect(runTraining({ ...options, features, run: 'mine' })).rejects.toMatchObject({ code: 'lease-lost' })
    expect(taken).toBe(true)
    expect(await readModelLife(options)).toMatchObject({ published: [], serving: undefined, claimed: { run: 'other' } })
  })

  it('that dies halfway leaves what is served as it was', async () => {
    const { options, append, clock } = trainingWorld()
    await append(checkerboard(10, 6))
    await runTraining({ ...options, run: 'good' })
    const solver = { ...options.solver, gramian: () => Promise.reject(new Error('the worker died')) }
    await expect(runTraining({ ...options, solver, run: 'bad' })).rejects.toThrow('the worker died')
    clock.advance(1)
    const life = await readModelLife(options)
    expect(life).toMatchObject({ serving: { version: 'good' }, published: ['good'], claimed: undefined })
  })
})
