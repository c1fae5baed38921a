import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { murmur2, partitionOf } from '#schemas/partition.ts'
import { everything, record } from '#schemas/ports/event-log-under-test.fixture.ts'
import { describe, expect, it } from 'vitest'
import { openBrokerLog } from './broker-log.fixture.ts'
import { javaKafka } from './java-kafka.fixture.ts'

const kafka = testServer('kafka')
const java = await javaKafka()
const brokers = kafka?.brokers ?? []
const bootstrap = ['--bootstrap-server', brokers.join(',')]

/** Keys of every kind: empty, short, long, of many scripts, with surrogate pairs and control characters. */
function anyKeys(count: number): string[] {
  const random = seededRandom(7)
  const below = (end: number) => Math.floor(random() * end)
  const scripts = [0x20, 0xe0, 0x416, 0x5d0, 0x4e00, 0xac00, 0x1f600]
  const letter = () => String.fromCodePoint(scripts[below(scripts.length)]! + below(40))
  const written = Array.from({ length: count }, (_, i) => Array.from({ length: i % 41 }, letter).join(''))
  return ['', 'a', 'ab', 'abc', 'abcd', 'é', '\u0000', '日本語', '👩‍👩‍👧‍👦', 'x'.repeat(5_000), ...written]
}

const partitioner = `
import java.util.Base64;
import java.util.Scanner;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
class Partitions {
  public static void main(String[] counts) {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      byte[] key = Base64.getDecoder().decode(lines.nextLine());
      StringBuilder said = new StringBuilder().append(Utils.murmur2(key));
      for (String count : counts) said.append(' ').append(BuiltInPartitioner.partitionForKey(key, Integer.parseInt(count)));
      System.out.println(said);
    }
  }
}`

describe.skipIf(java === undefined)("Beside Kafka's own Java client", () => {
  it('the hash and the partition of every key are the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-java-'))
    try {
      const source = join(folder, 'Partitions.java')
      await writeFile(source, partitioner)
      const keys = anyKeys(800)
      const counts = [1, 3, 8, 64]
      const input = keys.map((key) => Buffer.from(key).toString('base64')).join('\n')
      const said = (await java!([source, ...counts.map(String)], input)).trimEnd().split('\n')
      const ours = keys.map((key) =>
        [murmur2(Buffer.from(key)), ...counts.map((count) => partitionOf(key, count))].join(' '),
      )
      expect(said).toEqual(ours)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe.skipIf(kafka === undefined || java === undefined)("Kafka's own programs", () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'append records, compressed as %s, that are read as they are, on the partition of their key',
    async (codec) => {
      const under = await openBrokerLog({ brokers, producer: 'platformatic', consumer: 'platformatic', partitions: 8 })
      const keys = anyKeys(300).filter((key) => key !== '' && !/\p{Cc}/u.test(key))
      const topic = ['--topic', `${under.topicPrefix}interactions`]
      const properties = ['--property', 'parse.key=true', '--property', 'key.separator=\t']
      const compression = ['--compression-codec', codec, '--batch-size', '20000']
      const input = keys.map((key, i) => `${key}\tvalue ${i}\n`).join('')
      const program = ['-Dfile.encoding=UTF-8', 'org.apache.kafka.tools.ConsoleProducer']
      await java!([...program, ...bootstrap, ...topic, ...properties, ...compression], input)
      const read: string[] = []
      for (const { partition } of await under.log.bounds('interactions')) {
        for (const { key, value } of await everything(under.log, 'interactions', partition)) {
          expect(partition).toBe(partitionOf(key, 8))
          read.push(`${key}\t${value}`)
        }
      }
      expect(read.sort()).toEqual(keys.map((key, i) => `${key}\tvalue ${i}`).sort())
      await under.dispose()
    },
  )

  it.each([
    ['platformatic', 'none'],
    ['platformatic', 'lz4'],
    ['platformatic', 'zstd'],
    ['kafkajs', 'lz4'],
    ['kafkajs', 'zstd'],
  ] as const)('read what %s appended, compressed as %s', async (producer, compression) => {
    const under = await openBrokerLog({ brokers, producer, consumer: 'platformatic', compression })
    under.setTime(1_700_000_000_000)
    const keys = anyKeys(300).filter((key) => !/\p{Cc}/u.test(key))
    await under.log.append(
      'models',
      keys.map((key, i) => record(key, `value ${i}`)),
    )
    const printed = ['print.timestamp', 'print.offset', 'print.key'].flatMap((each) => ['--property', `${each}=true`])
    const program = ['-Dfile.encoding=UTF-8', 'org.apache.kafka.tools.consumer.ConsoleConsumer']
    const all = ['--topic', `${under.topicPrefix}models`, '--from-beginning', '--max-messages', `${keys.length}`]
    const out = await java!([...program, ...bootstrap, ...all, ...printed])
    const expected = keys.map((key, i) => `CreateTime:1700000000000\tOffset:${i}\t${key}\tvalue ${i}`)
    expect(out.trimEnd().split('\n')).toEqual(expected)
    await under.dispose()
  })
})
