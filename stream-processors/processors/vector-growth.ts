import type { CatalogueEntry, ItemFeatures } from '#schemas/ports/feature-store.ts'
import type { Position } from '#schemas/position.ts'

/** What a vector was made from. */
export interface MadeFrom {
  readonly modelVersion: string
  /** Of the item's partial rows. */
  readonly positions: readonly Position[]
  /** When the catalogue entry was last changed; undefined without one. */
  readonly updatedAt: number | undefined
}

/** New users, as a share of all that count, by which a vector is made again: reading their histories is what it costs. */
const growth = 1 / 8

/** Whether so much is new of an item that its vector is to be made again. */
export function isWorthMaking(
  before: MadeFrom | undefined,
  now: { readonly modelVersion: string; readonly statistics: ItemFeatures; readonly entry: CatalogueEntry | undefined },
): boolean {
  if (before?.modelVersion !== now.modelVersion || before.updatedAt !== now.entry?.updatedAt) return true
  let users = 0
  let fresh = 0
  for (const row of now.statistics.partial) {
    const seen = before.positions.find(({ epoch, partition }) => epoch === row.epoch && partition === row.partition)
    users += row.users.length
    fresh += row.users.filter(({ offset }) => offset > (seen?.offset ?? -1)).length
  }
  return fresh > 0 && fresh >= growth * users
}
