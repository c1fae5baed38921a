import type { Assigner, Cluster } from 'kafkajs'
import type { KafkajsClient } from './client.ts'
import { MillraceError } from '#schemas/errors.ts'

/**
 * The connections and metadata of a kafkajs consumer without its group. A group decides by itself which partitions are read and from
 * where: it goes to the end of the log, without a word, when an offset is out of range, and it cannot be told to read by position only.
 * kafkajs hands its cluster to whoever assigns partitions; the consumer made for that is never run, so no group comes to be.
 */
export function clusterOf({ kafka }: KafkajsClient): Cluster {
  const given: Cluster[] = []
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    readUncommitted: false,
    partitionAssigners: [
      ({ cluster }) => {
        given.push(cluster)
        return neverAsked
      },
    ],
  })
  const [cluster] = given
  if (cluster === undefined) throw new MillraceError('broken-invariant', 'kafkajs gave no cluster to the assigner')
  return cluster
}

const neverAsked: Assigner = {
  name: 'never',
  version: 1,
  assign: () => Promise.resolve([]),
  protocol: () => ({ name: 'never', metadata: Buffer.alloc(0) }),
}
