import { createTopics } from '#infra/kafka/topics.ts'
import { kafkaAdmin, openKafka } from '#infra/kafka/open.ts'
import type { KafkaEventLog } from '#infra/kafka/event-log.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { kafkaOptionsOf, topicsOptionsOf } from './cluster-options.ts'
import type { Config } from './config-keys.ts'

/** Opens the log on Kafka; topics that are missing are made first. */
export async function openClusterLog(
  config: Config,
  { name, clock, metrics }: { readonly name: string; readonly clock: Clock; readonly metrics: Metrics },
): Promise<KafkaEventLog> {
  const options = kafkaOptionsOf(config, name)
  const admin = kafkaAdmin(options.connection)
  try {
    await createTopics(admin, topicsOptionsOf(config))
  } finally {
    await admin.close()
  }
  return openKafka({ ...options, clock, metrics })
}
