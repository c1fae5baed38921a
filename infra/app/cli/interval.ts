import type { Measured } from '#batch/measure.ts'

/** `0.1234 [0.1200–0.1268]`; nothing for what was not measured. */
export function withInterval(measured: Measured | undefined): string {
  if (measured === undefined) return ''
  const { value, low, high } = measured
  return `${value.toFixed(4)} [${low.toFixed(4)}–${high.toFixed(4)}]`
}
