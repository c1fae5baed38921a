import { kafkaAdmin } from '#infra/kafka/open.ts'
import { createTopics, topicSettings } from '#infra/kafka/topics.ts'
import { blankInteraction } from '#schemas/events/blank.fixture.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { openCluster } from '../../app/cluster.ts'
import { kafkaOptionsOf, topicsOptionsOf } from '../../app/cluster-options.ts'
import type { Config } from '../../app/config-keys.ts'
import type { Parts } from '../../app/parts.ts'
import { rowsCaughtUp } from '../../app/rows-caught-up.ts'
import { within } from '../../app/within.ts'
import { roleChild } from './role-child.ts'
import type { Hurt } from './scenario.ts'

export interface Stopped {
  readonly what: string
  /** What the processor said last. */
  readonly said: string
  readonly exitCode: number | null | 'runs on'
  readonly asExpected: boolean
}

/** The fetch that waits for records when the processor is stopped has been answered, with none, after this. */
const longPollMs = 2_000
/** A processor that has not ended by then goes silently on. */
const endsWithinMs = 60_000

/** A topic made anew, or cut short, under a running processor: it must end and say why. */
export async function topicTrouble(hurt: Hurt, made: number): Promise<Stopped[]> {
  return [
    await stopped('`interactions` deleted and made anew, and grown beyond where it was', 'log-went-back', hurt, {
      name: `anew${made}`,
      act: async ({ config }) => {
        await remake(config)
        await appendAnew(config, 400)
      },
    }),
    await stopped('records removed that were not folded yet', 'log-truncated', hurt, {
      name: `cut${made}`,
      act: async ({ parts, config, pid }) => {
        process.kill(pid, 'SIGSTOP')
        await parts.clock.sleep(longPollMs)
        await append(parts, 400)
        await removeAll(config)
        process.kill(pid, 'SIGCONT')
      },
    }),
  ]
}

interface Trouble {
  readonly name: string
  readonly act: (world: { readonly config: Config; readonly parts: Parts; readonly pid: number }) => Promise<void>
}

async function stopped(what: string, code: string, { cluster, folder, say }: Hurt, trouble: Trouble): Promise<Stopped> {
  say(what)
  const config: Config = {
    ...cluster.config,
    topicPrefix: `${trouble.name}.`,
    cassandraKeyspace: trouble.name,
    redisPrefix: `${trouble.name}:`,
    partitions: 4,
  }
  const parts = await openCluster(config, { name: 'bench', metrics: noMetrics, report: () => {} })
  const processor = await roleChild('process', config, folder())
  await append(parts, 100)
  await rowsCaughtUp(parts)
  await trouble.act({ config, parts, pid: processor.pid })
  const exitCode = (await within(endsWithinMs, processor.exited)) ? await processor.exited : 'runs on'
  if (exitCode === 'runs on') await processor.stop()
  await parts.close()
  const said =
    processor
      .stderr()
      .trim()
      .split('\n')
      .find((line) => line.includes(`[${code}]`)) ?? processor.stderr()
  return { what, said, exitCode, asExpected: exitCode === 1 && said.includes(`[${code}]`) }
}

async function append({ log, codec }: Parts, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({
    ...blankInteraction,
    id: `${i}-${count}`,
    userId: `u${i % 40}`,
    itemId: `i${i % 9}`,
    occurredAt: Date.now(),
    acceptedAt: Date.now(),
  }))
  await log.append(
    'interactions',
    events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) })),
  )
}

const adminOf = (config: Config) => kafkaAdmin(kafkaOptionsOf(config, 'bench').connection)

async function remake(config: Config): Promise<void> {
  const admin = adminOf(config)
  await admin.deleteTopics([topicSettings(topicsOptionsOf(config)).interactions.name])
  await createTopics(admin, topicsOptionsOf(config))
  await admin.close()
}

/** By a log that does not know the rows of before, as another program would. */
async function appendAnew(config: Config, count: number): Promise<void> {
  const other = { ...config, cassandraKeyspace: `${config.cassandraKeyspace}_other` }
  const parts = await openCluster(other, { name: 'bench', metrics: noMetrics, report: () => {} })
  await append(parts, count)
  await parts.close()
}

async function removeAll(config: Config): Promise<void> {
  const admin = adminOf(config)
  const [topic] = await admin.topics([topicSettings(topicsOptionsOf(config)).interactions.name])
  if (topic === undefined) throw new Error('the topic is gone')
  const ends = await admin.offsets(topic)
  await admin.deleteRecords(topic, new Map(ends.map(({ end }, partition) => [partition, end])))
  await admin.close()
}
