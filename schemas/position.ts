/** Where a record stands: the incarnation of its topic, the partition, and the offset within it. */
export interface Position {
  readonly epoch: number
  readonly partition: number
  readonly offset: number
}

/** Writes positions as one URL-safe token, `epoch.partition.offset` joined by `~`: what a 202 answers and `after=` takes. */
export function formatPositions(positions: readonly Position[]): string {
  return positions.map((at) => `${at.epoch}.${at.partition}.${at.offset}`).join('~')
}

/** Reads a token of {@link formatPositions}; undefined when it is not one. */
export function parsePositions(token: string): Position[] | undefined {
  const positions: Position[] = []
  for (const part of token.split('~')) {
    const match = /^(\d{1,15})\.(\d{1,9})\.(\d{1,15})$/.exec(part)
    if (match === null) return undefined
    positions.push({ epoch: Number(match[1]), partition: Number(match[2]), offset: Number(match[3]) })
  }
  return positions
}

/** Keeps the highest offset of each partition, in partition order: the shortest token that covers all of them. */
export function latestPositions(positions: Iterable<Position>): Position[] {
  const latest = new Map<number, Position>()
  for (const at of positions) {
    const known = latest.get(at.partition)
    if (known === undefined || at.epoch > known.epoch || (at.epoch === known.epoch && at.offset > known.offset)) {
      latest.set(at.partition, at)
    }
  }
  return [...latest.values()].sort((a, b) => a.partition - b.partition)
}
