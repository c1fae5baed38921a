import type { KafkaConnection } from '../client.ts'
import { kafkajsClient } from './client.ts'
import { clusterOf } from './cluster.ts'

export interface LogEnds {
  /** Ends of partitions of a topic: the offset after the last record that belongs to no open transaction. */
  ends(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number>>
  close(): void
}

/** Asks over connections of its own, made when first needed and anew after a failure. */
export function kafkajsLogEnds(
  connection: KafkaConnection,
  { requestTimeoutMs }: { readonly requestTimeoutMs: number },
): LogEnds {
  const open = () => {
    const client = kafkajsClient(connection, { requestTimeoutMs, retries: 1 })
    return { client, cluster: clusterOf(client) }
  }
  let asking: ReturnType<typeof open> | undefined

  return {
    async ends(topic, partitions) {
      const { client, cluster } = (asking ??= open())
      try {
        await cluster.connect()
        await cluster.addTargetTopic(topic)
        const asked = partitions.map((partition) => ({ partition }))
        const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions: asked, fromBeginning: false }])
        return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      } catch (error) {
        client.abandon()
        if (asking?.client === client) asking = undefined
        throw error
      }
    },
    close() {
      asking?.client.abandon()
      asking = undefined
    },
  }
}
