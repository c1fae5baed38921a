import { Admin } from '@platformatic/kafka'

/** Bytes that the brokers keep of a topic, all replicas together. */
export async function topicBytes(brokers: readonly string[], topic: string, partitions: number): Promise<number> {
  const admin = new Admin({ clientId: 'millrace-bench', bootstrapBrokers: [...brokers] })
  try {
    const its = Array.from({ length: partitions }, (_, partition) => partition)
    const found = await admin.describeLogDirs({ topics: [{ name: topic, partitions: its }] })
    const folders = found.flatMap(({ results }) => results.flatMap(({ topics }) => topics))
    return folders.flatMap((each) => each.partitions).reduce((sum, { partitionSize }) => sum + Number(partitionSize), 0)
  } finally {
    await admin.close()
  }
}
