import { describe, expect, it } from 'vitest'
import { groupCommit } from './group-commit.ts'

describe('group commit', () => {
  it('commits together what is submitted in one turn, then what came while a commit was under way, in order', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const groups: number[][] = []
    const begun = Promise.withResolvers<void>()
    const commits = groupCommit<number>(async (items) => {
      groups.push([...items])
      begun.resolve()
      await gate
    })
    const first = [commits.submit(1), commits.submit(2)]
    await begun.promise
    const second = [3, 4, 5].map(async (item) => await commits.submit(item))
    expect(groups).toEqual([[1, 2]])
    open()
    await Promise.all([...first, ...second])
    expect(groups).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
  })

  it('fails only the group whose commit failed', async () => {
    const commits = groupCommit<string>(async (items) => {
      if (items.includes('bad')) throw new Error('refused')
    })
    const failed = await Promise.allSettled([commits.submit('good with it'), commits.submit('bad')])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await commits.submit('good')
  })

  it('is idle when all is through', async () => {
    let done = 0
    const commits = groupCommit<number>(async (items) => void (done += items.length))
    const submitted = [commits.submit(1), commits.submit(2)]
    await commits.idle()
    expect(done).toBe(2)
    await Promise.all(submitted)
    await commits.idle()
  })
})
