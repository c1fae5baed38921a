export interface InFlightReport {
  readonly seconds: number
  /** Of each piece of work. */
  readonly milliseconds: Float64Array
}

/** Does `count` pieces of work, `width` of them under way at a time. */
export async function inFlight(
  width: number,
  count: number,
  act: (i: number) => Promise<void>,
): Promise<InFlightReport> {
  const milliseconds = new Float64Array(count)
  const began = performance.now()
  let next = 0
  async function lane(): Promise<void> {
    while (next < count) {
      const i = next++
      const started = performance.now()
      await act(i)
      milliseconds[i] = performance.now() - started
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
  return { seconds: (performance.now() - began) / 1000, milliseconds }
}
