import { Command } from 'commander'
import { kafkaAdmin } from '#infra/kafka/open.ts'
import type { KafkaAdmin } from '#infra/kafka/client.ts'
import { checkTopics, createTopics, type TopicsOptions } from '#infra/kafka/topics.ts'
import { kafkaOptionsOf, topicsOptionsOf } from '../cluster-options.ts'
import { configOf } from './options.ts'

interface Flags {
  readonly config?: string
  readonly json?: boolean
}

/** `millrace topics check|create` */
export function topicsCommand(): Command {
  const topics = new Command('topics').description('the topics on Kafka: compare them with how they must be, make them')
  topics.addCommand(
    withConfig('check')
      .description('report every topic that is missing or set otherwise; exit code 1 when there is one')
      .option('--json', 'print JSON')
      .action(check),
  )
  topics.addCommand(withConfig('create').description('make the topics that are missing; change none').action(create))
  return topics
}

function withConfig(name: string): Command {
  return new Command(name).option('--config <file>', 'JSON file with configuration keys')
}

async function check(flags: Flags): Promise<void> {
  const drift = await withAdmin(flags, checkTopics)
  if (flags.json === true) console.log(JSON.stringify(drift))
  else if (drift.length === 0) console.log('every topic is as it must be')
  else
    for (const { topic, what, wanted, found } of drift) console.log(`${topic}: ${what} is ${found}, must be ${wanted}`)
  if (drift.length > 0) process.exitCode = 1
}

async function create(flags: Flags): Promise<void> {
  const made = await withAdmin(flags, createTopics)
  console.log(made.length === 0 ? 'every topic is there' : `made ${made.join(', ')}`)
}

async function withAdmin<T>(flags: Flags, work: (admin: KafkaAdmin, topics: TopicsOptions) => Promise<T>): Promise<T> {
  const config = configOf(flags, { preset: 'cluster' })
  const admin = kafkaAdmin(kafkaOptionsOf(config, 'topics').connection)
  try {
    return await work(admin, topicsOptionsOf(config))
  } finally {
    await admin.close()
  }
}
