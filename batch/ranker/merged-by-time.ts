/**
 * Merges sources that ascend, nearly or wholly, by a time into one: always the earliest of the heads comes next, of equal
 * ones that of the earlier source. Holds one element of each source.
 */
export async function* mergedByTime<T>(
  sources: readonly AsyncIterable<T>[],
  timeOf: (element: T) => number,
): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()))
  for (;;) {
    let earliest = -1
    let time = Infinity
    for (const [i, head] of heads.entries()) {
      if (head.done === true) continue
      const at = timeOf(head.value)
      if (earliest !== -1 && at >= time) continue
      earliest = i
      time = at
    }
    const head = earliest === -1 ? undefined : heads[earliest]!
    if (head === undefined || head.done === true) return
    yield head.value
    heads[earliest] = await iterators[earliest]!.next()
  }
}
