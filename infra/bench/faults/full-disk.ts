import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { kafkaAdmin, openKafka } from '#infra/kafka/open.ts'
import type { KafkaEventLog } from '#infra/kafka/event-log.ts'
import { createTopics } from '#infra/kafka/topics.ts'
import { startKafka, type KafkaServer } from '#infra/servers/kafka.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { isMillraceError } from '#schemas/errors.ts'
import type { Hurt } from './scenario.ts'

export interface FullDisk {
  readonly acknowledged: number
  /** How the append that did not fit failed. */
  readonly code: string
  readonly retriable: boolean
  /** Acknowledged records that were not there when the disk had room again. */
  readonly lost: number
  readonly double: number
  /** Appends went on after a restart of the broker, without a restart of ours. */
  readonly wentOn: boolean
}

const topics = { topicPrefix: '', partitions: 2, replication: 1, minInSync: 1 }
const valueBytes = 20_000
const perAppend = 20

/** Fills the disk of a broker of its own, which needs the right to mount a small one; undefined without it. */
export async function fullDisk({ folder, say }: Hurt): Promise<FullDisk | undefined> {
  if (process.getuid?.() !== 0) return undefined
  say('the disk of a broker full')
  const dir = folder()
  mkdirSync(dir)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', dir])
  let server = await startKafka({ dir })
  const again = { dir, port: server.port, controllerPort: server.controllerPort }
  const log = await openLog(server)
  try {
    const acknowledged: string[] = []
    const failure = await fill(log, acknowledged)
    await server.stop()
    execFileSync('mount', ['-o', 'remount,size=512m', dir])
    server = await startKafka(again)
    await appendAgain(log)
    const found = await valuesOf(log)
    const counts = acknowledged.map((value) => found.get(value) ?? 0)
    return {
      acknowledged: acknowledged.length,
      code: isMillraceError(failure) ? failure.code : String(failure),
      retriable: isMillraceError(failure) && failure.retriable,
      lost: counts.filter((count) => count === 0).length,
      double: counts.filter((count) => count > 1).length,
      wentOn: found.has('again'),
    }
  } finally {
    await log.close()
    await server.stop()
    execFileSync('umount', [dir])
  }
}

async function openLog({ brokers }: KafkaServer): Promise<KafkaEventLog> {
  const connection = { brokers, clientId: 'bench' }
  const admin = kafkaAdmin(connection)
  await createTopics(admin, topics)
  await admin.close()
  return openKafka({
    connection,
    producer: 'platformatic',
    consumer: 'platformatic',
    compression: 'none',
    topicPrefix: '',
    epoch: 1,
    clock: systemClock(),
  })
}

/** Appends until it fails. */
async function fill(log: KafkaEventLog, acknowledged: string[]): Promise<unknown> {
  for (let i = 0; ; i += perAppend) {
    const values = Array.from({ length: perAppend }, (_, n) => `${i + n}`)
    try {
      await log.append(
        'interactions',
        values.map((value) => ({ key: value, value: Buffer.from(value.padEnd(valueBytes)) })),
      )
    } catch (error) {
      return error
    }
    acknowledged.push(...values)
  }
}

async function appendAgain(log: KafkaEventLog): Promise<void> {
  const clock = systemClock()
  for (;;) {
    try {
      await log.append('interactions', [{ key: 'again', value: Buffer.from('again') }])
      return
    } catch (error) {
      if (!isMillraceError(error) || !error.retriable) throw error
      await clock.sleep(200)
    }
  }
}

async function valuesOf(log: KafkaEventLog): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const { epoch, partition, start } of await log.bounds('interactions')) {
    for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
      for (const { value } of records) {
        const text = Buffer.from(value).toString().trimEnd()
        found.set(text, (found.get(text) ?? 0) + 1)
      }
    }
  }
  return found
}
