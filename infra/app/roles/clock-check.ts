import { MillraceError } from '#schemas/errors.ts'
import type { Parts } from '../parts.ts'

/** Readings of one clock: the one that took least time to answer is the one to believe. */
const readings = 3

/**
 * Compares this machine's clock with those of the servers it stands on. Throws `clock-skewed` when it is further than
 * `maxClockSkewMs` from every one of them; one that cannot be asked says nothing.
 */
export async function checkClock({
  clock,
  config,
  peerClocks,
}: Pick<Parts, 'clock' | 'config' | 'peerClocks'>): Promise<void> {
  const asked = await Promise.allSettled(peerClocks.map((peer) => skewTo(peer, () => clock.now())))
  const skews = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  const least = Math.min(...skews.map(Math.abs))
  if (skews.length === 0 || least <= config.maxClockSkewMs) return
  const seconds = (least / 1000).toFixed(1)
  throw new MillraceError(
    'clock-skewed',
    `this machine's clock is ${seconds} s away from those of its servers; events would bear wrong times`,
    { facts: { skewMs: least, maxClockSkewMs: config.maxClockSkewMs } },
  )
}

/** Milliseconds that the other clock is ahead of ours, as far as the time its answer took lets us say: nearest to zero. */
async function skewTo(peer: () => Promise<number>, now: () => number): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let reading = 0; reading < readings; reading++) {
    const before = now()
    const theirs = await peer()
    const after = now()
    const skew = theirs < before ? theirs - before : theirs > after ? theirs - after : 0
    if (Math.abs(skew) < Math.abs(best)) best = skew
  }
  return best
}
