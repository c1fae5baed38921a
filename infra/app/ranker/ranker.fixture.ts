import type { Impression } from '#schemas/events/derived.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import { encodeRanker } from '#schemas/models/ranker-blob.ts'
import type { Ranker } from '#schemas/models/ranker.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { ServingWorld } from '../serving-world.fixture.ts'

/** Every record of a topic, partition by partition. */
export async function recordsOf<T extends TopicName>({ log, codec }: ServingWorld, topic: T): Promise<EventOf[T][]> {
  const events: EventOf[T][] = []
  for (const { epoch, partition, start } of await log.bounds(topic)) {
    for await (const records of log.read(topic, { epoch, partition, offset: start })) {
      events.push(...records.map(({ value }) => codec.decodeEvent(topic, value)))
    }
  }
  return events
}

/** A version that serves the factors of another with a ranker, switched to. */
export async function publishRanker(
  world: ServingWorld,
  { version, of, ranker }: { readonly version: string; readonly of: string; readonly ranker: Ranker },
): Promise<void> {
  const { models, blobs } = world.ports
  const manifest = await models.get(of)
  const digest = await blobs.put(encodeRanker(ranker))
  await world.registry.add({ ...manifest!, version, ranker: digest })
  await world.append('models', '', { type: 'published', run: version, version, at: Date.now() })
  await world.switchTo(version)
}

/** A list of slots that were shown in this order, each with the features given. */
export function shownList(
  given: Partial<Impression> & { readonly requestId: string },
  features: readonly Readonly<Record<string, number>>[],
): Impression {
  return {
    type: 'impression',
    userId: 'ann',
    shownAt: 0,
    generation: 'g1',
    modelVersion: 'm1',
    variant: 'default',
    policy: 'mmr-gumbel',
    userPosition: null,
    slots: features.map((of, place) => ({
      itemId: `film-${place}`,
      score: 1,
      source: 'factors',
      propensity: 1,
      features: { position: 1 / Math.log2(2 + place), ...of },
    })),
    ...given,
  }
}
