import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MillraceError } from '#schemas/errors.ts'
import type { Interaction } from '#schemas/events/interactions.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { importFiles, type ImportOptions } from './import-files.ts'
import { parseImportOptions, type ImportArguments } from './import-options.ts'
import type { ImportedInteraction } from './imported-events.ts'
import { rowRecogniser, sendUnknown } from './known-lines.ts'
import type { SendBatch } from './send-batch.ts'

const given: ImportArguments = {
  as: 'interactions',
  header: true,
  map: 'user=user,item=item,value=rating',
  type: 'rating',
  scale: '0..10',
}
const clock = { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() }

describe('importFiles', () => {
  let folder = ''
  const at = (name: string): string => join(folder, name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-import-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('knows a file by its contents and plan, not by its name or packing', async () => {
    const text = 'user,item,rating\n1,a,7\n2,b,8\n'
    await writeFile(at('plain.csv'), text)
    await writeFile(at('packed.csv'), gzipSync(text))
    await writeFile(at('other.csv'), `${text}3,c,9\n`)
    const sources = async (names: string[], options = given): Promise<(string | undefined)[]> =>
      Promise.all(names.map(async (name) => (await imported([at(name)], options)).sent[0]?.source))
    const [plain, packed, other] = await sources(['plain.csv', 'packed.csv', 'other.csv'])
    const [otherPlan] = await sources(['plain.csv'], { ...given, scale: '0..20' })
    const [sameInOtherWords] = await sources(['plain.csv'], { ...given, map: 'value=rating,item=item,user=user' })
    expect(plain).toMatch(/^[0-9a-f]{24}$/)
    expect(packed).toBe(plain)
    expect(sameInOtherWords).toBe(plain)
    expect(new Set([plain, other, otherPlan]).size).toBe(3)
  })

  it('imports several files, each in its order, and says what became of every row', async () => {
    await writeFile(at('one.csv'), 'user,item,rating\n1,a,7\n1,b,x\n1,c,9\n')
    await writeFile(at('two.csv'), 'user,item,rating\n2,a,11\n2,b\n2,c,3\n2,d,4\n')
    const rejectsPath = at('rejects.jsonl')
    const refuseC: SendBatch<ImportedInteraction> = (events) => {
      const rejected = events.flatMap((event, index) =>
        event.itemId === 'c' ? [{ index, code: 'invalid', field: 'itemId', message: 'no c' }] : [],
      )
      return Promise.resolve({ accepted: events.length - rejected.length, duplicates: 0, rejected })
    }
    const { report, sent } = await imported([at('one.csv'), at('two.csv')], given, { rejectsPath }, refuseC)
    expect(report).toEqual({ read: 7, accepted: 2, duplicates: 0, rejected: 5, seconds: 0, rejectsFile: rejectsPath })
    expect(sent.map(({ itemId, sequence }) => [itemId, sequence])).toEqual([
      ['a', 2],
      ['c', 4],
      ['c', 4],
      ['d', 5],
    ])
    const rejects: unknown[] = (await readFile(rejectsPath, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rejects).toMatchObject([
      { file: at('one.csv'), line: 3, field: 'value', raw: '1,b,x' },
      { file: at('one.csv'), line: 4, code: 'invalid', field: 'itemId', message: 'no c', raw: '1,c,9' },
      { file: at('two.csv'), line: 2, field: 'value', raw: '2,a,11' },
      { file: at('two.csv'), line: 3, code: 'malformed', raw: '2,b' },
      { file: at('two.csv'), line: 4, field: 'itemId' },
    ])
  })

  it('reads and checks all of it in a dry run, and writes nothing', async () => {
    await writeFile(at('dry.csv'), 'user,item,rating\n1,a,7\n1,b,x\n')
    const before = await readdir(folder)
    const { report, sent } = await imported([at('dry.csv')], given, { dryRun: true, rejectsPath: at('none.jsonl') })
    expect(report).toMatchObject({ read: 2, accepted: 1, rejected: 1, rejectsFile: null })
    expect(sent).toEqual([])
    expect(await readdir(folder)).toEqual(before)
  })

  it('says clearly what is wrong with the whole of it', async () => {
    await writeFile(at('cut.csv'), gzipSync(`user,item,rating\n${'1,a,7\n'.repeat(5_000)}`).subarray(0, 60))
    await expect(imported([at('cut.csv')])).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(imported([at('missing.csv')])).rejects.toMatchObject({ code: 'not-found' })
    await expect(imported([at('cut.csv')], { ...given, type: 'rated' })).rejects.toMatchObject({
      code: 'unknown-interaction-type',
    })
  })

  it('counts every line once, wherever it is killed and however often it begins again', async () => {
    const path = at('many.csv')
    const random = seededRandom(5)
    const lines = Array.from({ length: 400 }, () => `u${Math.floor(random() * 9)},i${Math.floor(random() * 50)},7`)
    await writeFile(path, ['user,item,rating', ...lines].join('\n'))
    const whole = foldingTarget()
    await imported([path], given, {}, whole.send)

    const kill = fc.record({ before: fc.nat(30), durable: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(kill, { maxLength: 4 }), fc.integer({ min: 1, max: 60 }), async (kills, events) => {
        const target = foldingTarget()
        const limits = { events, characters: 1_000 }
        for (const each of kills) {
          const dying = killed(target.send, each)
          await imported([path], given, { limits }, dying).catch(unlessKilled)
        }
        const last = await imported([path], given, { limits }, target.send)
        const again = await imported([path], given, { limits }, sendUnknown(target.send, target.recognise))
        expect(last.report).toMatchObject({ read: 400, accepted: 400, rejected: 0 })
        expect(again.report).toMatchObject({ read: 400, accepted: 0, duplicates: 400 })
        expect(target.counted()).toEqual(whole.counted())
      }),
      { numRuns: 25 },
    )
  })

  it('sends a batch again that found the server busy', async () => {
    await writeFile(at('busy.csv'), 'user,item,rating\n1,a,7\n')
    let sends = 0
    const { report, sent } = await imported([at('busy.csv')], given, {}, (events) => {
      if (++sends === 1) throw new MillraceError('overloaded', 'busy', { retriable: true })
      return acceptAll(events)
    })
    expect(report.accepted).toBe(1)
    expect(sent[1]).toEqual(sent[0])
  })

  it('stops between two batches when it is told to', async () => {
    await writeFile(at('stop.csv'), `user,item,rating\n${'1,a,7\n'.repeat(10)}`)
    const stop = new AbortController()
    const sent: number[] = []
    const send: SendBatch<ImportedInteraction> = (events) => {
      sent.push(events.length)
      stop.abort()
      return acceptAll(events)
    }
    const limits = { events: 4, characters: 1_000 }
    await expect(imported([at('stop.csv')], given, { limits, signal: stop.signal }, send)).rejects.toMatchObject({
      code: 'stopped',
    })
    expect(sent).toEqual([4])
  })
})

const death = new MillraceError('stopped', 'killed')

function unlessKilled(error: unknown): void {
  if (error !== death) throw error
}

/** Dies at a batch, which may have become durable without its answer coming back. */
function killed(
  send: SendBatch<ImportedInteraction>,
  kill: { readonly before: number; readonly durable: boolean },
): SendBatch<ImportedInteraction> {
  let batches = 0
  return async (events) => {
    if (batches++ < kill.before) return send(events)
    if (kill.durable) await send(events)
    throw death
  }
}

/** A log of one partition, folded as it grows. */
function foldingTarget() {
  const rows = mapRows()
  let offset = 0
  const send: SendBatch<ImportedInteraction> = (events) => {
    for (const event of events) {
      const place = { epoch: 0, partition: 0, offset: offset++, acceptedAt: clock.now() }
      foldInteractions(rows, interactionOf(event), place, defaultFoldSettings)
    }
    return acceptAll(events)
  }
  return {
    send,
    recognise: rowRecogniser<ImportedInteraction>({
      keyOf: (event) => event.userId,
      marks: (userId) => Promise.resolve(rows.peek('user-heads', userId, 0).imports),
    }),
    counted: () =>
      [...rows.entries('user-heads')]
        .map(({ key, row }) => ({ key, count: row.count, ids: row.recent.map(({ id }) => id), marks: row.imports }))
        .sort((a, b) => a.key.localeCompare(b.key)),
  }
}

function interactionOf({ type: action, ...event }: ImportedInteraction): Interaction {
  return {
    ...event,
    type: 'interaction',
    action,
    acceptedAt: clock.now(),
    value: event.value ?? null,
    sessionId: null,
    context: null,
    attribution: null,
    mended: false,
  }
}

const acceptAll: SendBatch<ImportedInteraction> = (events) =>
  Promise.resolve({ accepted: events.length, duplicates: 0, rejected: [] })

async function imported(
  files: readonly string[],
  options: ImportArguments = given,
  rest: Partial<ImportOptions> = {},
  send: SendBatch<ImportedInteraction> = acceptAll,
) {
  const sent: ImportedInteraction[] = []
  const interactions: SendBatch<ImportedInteraction> = (events) => {
    sent.push(...events)
    return send(events)
  }
  const items = (): never => expect.fail('no items were to be sent')
  const plan = parseImportOptions(options, files)
  const report = await importFiles({
    files,
    plan,
    target: { interactions, items },
    settings: defaultFoldSettings,
    clock,
    ...rest,
  })
  return { report, sent }
}
