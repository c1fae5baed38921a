import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { runMillrace, startMillrace } from './proof/millrace-process.fixture.ts'
import { reconciled, standaloneOn } from './proof/running.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

const reportKeys = ['read', 'accepted', 'duplicates', 'rejected', 'seconds', 'rejectsFile']

/** Runs an import to its end; what it put on standard output must be its report and nothing else. */
async function imported(args: readonly string[]) {
  const { code, stdout } = await runMillrace(['import', ...args, '--json'])
  expect(stdout).toMatch(/^\{.*\}\n$/)
  const report: Record<string, unknown> = JSON.parse(stdout)
  expect(Object.keys(report)).toEqual(reportKeys)
  return { code, report }
}

describe('millrace import', () => {
  it('reads commas, tabs, delimiters of one’s own and JSON lines, packed or not, and counts nothing twice', async () => {
    await using folder = await temporaryFolder()
    const data = join(folder.path, 'data')
    const file = (name: string, contents: string | Buffer) => {
      writeFileSync(join(folder.path, name), contents)
      return join(folder.path, name)
    }
    const csv = file('ratings.csv', 'who,what,stars,at\nann,"film, the",5,1700000000\nbob,film,1,1700000001\n')
    const tsv = file('views.tsv', gzipSync('ann\tfilm\t2024-01-01T00:00:00Z\nann\tother\t2024-01-02T00:00:00Z\n'))
    const films = file('movies.dat', '1::Heat (1995)::Crime|Thriller\n2::"Crocodile" Dundee (1986)::Comedy\n')
    const lines = file('likes.jsonl', '{"userId":"ann","itemId":"1","type":"like","occurredAt":1700000002000}\n')
    const into = ['--data', data]
    const readRatings = [csv, '--as', 'interactions', '--header', '--map', 'user=who,item=what,value=stars,time=at']
    const ratings = [...readRatings, '--type', 'rating', '--scale', '1..5', '--time-unit', 's', ...into]
    const views = [tsv, '--as', 'interactions', '--columns', 'user,item,time', '--map', 'user=user,item=item,time=time']
    const items = [films, '--as', 'items', '--delimiter', '::', '--columns', 'id,title,genres']
    const itemMap = ['--map', 'id=id,title=title,categories=genres', '--list', 'categories=|']

    const whole = { rejected: 0, duplicates: 0, rejectsFile: null }
    expect(await imported(ratings)).toMatchObject({ code: 0, report: { read: 2, accepted: 2, ...whole } })
    const iso = [...views, '--type', 'view', '--time-unit', 'iso', ...into]
    expect(await imported(iso)).toMatchObject({ code: 0, report: { read: 2, accepted: 2, ...whole } })
    expect(await imported([...items, ...itemMap, ...into])).toMatchObject({
      report: { read: 2, accepted: 2, ...whole },
    })
    const likes = [lines, '--as', 'interactions', ...into, '--map', 'user=userId,item=itemId,type=type,time=occurredAt']
    expect(await imported(likes)).toMatchObject({ report: { read: 1, accepted: 1, ...whole } })

    expect(await imported(ratings)).toMatchObject({ code: 0, report: { read: 2, accepted: 0, duplicates: 2 } })
    const { code, stdout } = await runMillrace(['audit', '--data', data, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 5, folded: 5, repeated: 0, dead: 0, balanced: true })
    expect(await reconciled(data)).toMatchObject({ differing: [] })
  })

  it('puts what it rejects into a file with line and reason, and in a dry run writes nothing', async () => {
    await using folder = await temporaryFolder()
    const data = join(folder.path, 'data')
    const rejects = join(folder.path, 'rejects.jsonl')
    const csv = join(folder.path, 'r.csv')
    writeFileSync(csv, 'user,item,value\nann,film,5\nbob,film,nine\n,film,3\ncid,film,4\n')
    const args = [
      csv,
      '--as',
      'interactions',
      '--type',
      'rating',
      '--header',
      '--map',
      'user=user,item=item,value=value',
    ]
    const into = ['--data', data, '--rejects', rejects]
    const counts = { read: 4, accepted: 2, duplicates: 0, rejected: 2 }
    expect(await imported([...args, ...into, '--dry-run'])).toMatchObject({
      code: 0,
      report: { ...counts, rejectsFile: null },
    })
    expect(() => statSync(data)).toThrow('ENOENT')
    expect(() => statSync(rejects)).toThrow('ENOENT')
    expect(await imported([...args, ...into])).toMatchObject({ code: 0, report: { ...counts, rejectsFile: rejects } })
    const written = readFileSync(rejects, 'utf8').trimEnd().split('\n')
    expect(written.map((line): unknown => JSON.parse(line))).toMatchObject([
      { line: 3, field: 'value', raw: 'bob,film,nine' },
      { line: 4, field: 'user', raw: ',film,3' },
    ])
  })

  it('goes on where it was killed, and counts every line once', async () => {
    await using folder = await temporaryFolder()
    const data = join(folder.path, 'data')
    const log = join(data, 'log', 'data.mdb')
    const csv = join(folder.path, 'views.csv')
    const lines = 40_000
    const line = (n: number) => `user-${n % 97},film-${(n * 7) % 501},${1_600_000_000 + n}\n`
    writeFileSync(csv, `user,item,time\n${Array.from({ length: lines }, (_, n) => line(n)).join('')}`)
    const args = [csv, '--as', 'interactions', '--type', 'view', '--header', '--time-unit', 's', '--data', data]
    const map = ['--map', 'user=user,item=item,time=time']
    for (const bytes of [300_000, 1_500_000]) {
      await using running = startMillrace(['import', ...args, ...map])
      while (sizeOf(log) < bytes) await pause(1)
      running.signal('SIGKILL')
      expect(await running.ended).toBeNull()
    }
    const { report } = await imported([...args, ...map])
    expect(report).toMatchObject({ read: lines, rejected: 0 })
    expect(report['duplicates']).toBeGreaterThan(0)
    expect(report['accepted']).toBeGreaterThan(0)
    const { counts, differing } = await reconciled(data)
    expect(counts).toMatchObject({ folded: lines, dead: 0, pending: 0, balanced: true })
    expect(differing).toEqual([])
  })

  it('sends to a running Millrace, which knows the lines it has already', async () => {
    await using folder = await temporaryFolder()
    const data = join(folder.path, 'data')
    const file = join(folder.path, 'likes.jsonl')
    const like = (n: number) => ({ userId: `user-${n % 7}`, itemId: `film-${n}`, occurredAt: 1_600_000_000_000 + n })
    writeFileSync(file, Array.from({ length: 300 }, (_, n) => `${JSON.stringify(like(n))}\n`).join(''))
    const running = await standaloneOn(data)
    const args = [file, '--as', 'interactions', '--type', 'like', '--to', running.url]
    expect(await imported(args)).toMatchObject({ code: 0, report: { read: 300, accepted: 300, duplicates: 0 } })
    expect(await imported(args)).toMatchObject({ code: 0, report: { read: 300, accepted: 0, duplicates: 300 } })
    await running.close()
    const { counts, differing } = await reconciled(data)
    expect(counts).toMatchObject({ folded: 300, repeated: 300, balanced: true })
    expect(differing).toEqual([])
  })

  it('says in one line which option is wrong', async () => {
    const { code, stdout, stderr } = await runMillrace(['import', 'x.csv', '--as', 'interactions', '--type', 'view'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^millrace: --header: .*\[invalid-input\]\n$/)
  })
})

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
