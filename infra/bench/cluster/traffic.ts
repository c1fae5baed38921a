import { setTimeout as sleep } from 'node:timers/promises'
import { interactionAcceptor } from '#producers/ingest/accept-interactions.ts'
import type { Parts } from '../../app/parts.ts'
import type { RatedPair } from '../bench-data.ts'
import { clientEvents, eventsApart } from '../events.ts'
import { inFlight } from '../in-flight.ts'
import type { Processor } from './processor.ts'

export interface AppendOptions {
  readonly parts: Pick<Parts, 'log' | 'codec' | 'settings'>
  readonly pairs: readonly RatedPair[]
  readonly count: number
  readonly seed: number
  /** No id is made twice for different names. */
  readonly name: string
  /** Every event of another user with another item. Default false: drawn from the pairs, with their frequencies. */
  readonly apart?: boolean
}

export interface Appended {
  readonly seconds: number
  /** Mean of key and value, as ingest makes them. */
  readonly eventBytes: number
}

const batch = 500
const width = 8

/** Puts views straight on the log, as ingest would; no processor time of ingest is spent. */
export async function appendEvents({
  parts,
  pairs,
  count,
  seed,
  name,
  apart = false,
}: AppendOptions): Promise<Appended> {
  const { log, codec, settings } = parts
  const accept = interactionAcceptor(settings, () => '')
  let bytes = 0
  let seconds = 0
  // In portions, so that not all of a million events are in memory at once.
  for (let from = 0; from < count; from += portion) {
    const size = Math.min(portion, count - from)
    const made = apart
      ? eventsApart({ from, count: size, name })
      : clientEvents({ pairs, count: size, seed, name: `${name}-${from}` })
    const { events } = accept(made, Date.now())
    const records = events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) }))
    bytes += records.reduce((sum, { key, value }) => sum + Buffer.byteLength(key) + value.length, 0)
    const sent = await inFlight(width, Math.ceil(size / batch), async (i) => {
      await log.append('interactions', records.slice(i * batch, (i + 1) * batch))
    })
    seconds += sent.seconds
  }
  return { seconds, eventBytes: bytes / count }
}

const portion = 50_000
const lookEveryMs = 50

export interface Drained {
  readonly folded: number
  readonly seconds: number
  /** False when the time was over first. */
  readonly isDry: boolean
}

/** Waits until the processors have folded everything on the log, for so long at most. They are asked, not the store. */
export async function drained(
  parts: Pick<Parts, 'log' | 'store'>,
  processors: readonly Pick<Processor, 'state'>[],
  maxSeconds: number,
): Promise<Drained> {
  const began = performance.now()
  const bounds = (await parts.log.bounds('interactions')).filter(({ start, end }) => end > start)
  const reached = await Promise.all(bounds.map(async ({ partition }) => checkpoint(parts, partition)))
  const left = () => bounds.reduce((sum, { end }, i) => sum + Math.max(0, end - reached[i]!), 0)
  const before = left()
  for (;;) {
    const states = await Promise.all(processors.map((processor) => processor.state()))
    for (const [i, { partition }] of bounds.entries()) {
      reached[i] = Math.max(
        reached[i]!,
        ...states.map(({ traffic }) => traffic.positions['interactions']?.[partition] ?? 0),
      )
    }
    const seconds = (performance.now() - began) / 1000
    if (left() === 0 || seconds > maxSeconds) return { folded: before - left(), seconds, isDry: left() === 0 }
    await sleep(lookEveryMs)
  }
}

async function checkpoint({ store }: Pick<Parts, 'store'>, partition: number): Promise<number> {
  return (await store.checkpoint('interactions', partition))?.offset ?? 0
}
