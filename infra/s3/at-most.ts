/** Does something with each of the items, so many at once. Ends with the first failure, when none is under way any more. */
export async function atMost<Item>(
  count: number,
  items: readonly Item[],
  act: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0
  let failed = false
  const workers = Array.from({ length: Math.min(count, items.length) }, async () => {
    while (!failed && next < items.length) {
      try {
        await act(items[next++]!)
      } catch (error) {
        failed = true
        throw error
      }
    }
  })
  const ends = await Promise.allSettled(workers)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
