/** A time within a fifth of the given one, in whole ms: gateways started together do not ask together. */
export function jittered(ms: number): number {
  return Math.round(ms * (0.8 + 0.4 * Math.random()))
}
