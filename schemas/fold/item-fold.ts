import { eventTime, type Interaction } from '../events/interactions.ts'
import { decay } from '../math/exp2.ts'
import type { ItemStatistics } from '../rows/item-statistics.ts'
import { weightOf, type FoldSettings } from '../settings.ts'
import type { FoldAt, FoldRows } from './rows.ts'
import { countCoView } from './space-saving.ts'
import type { UserOutcome } from './user-fold.ts'

/**
 * Folds what an event did to its user into the rows of the items concerned, all of the user's own source partition. What
 * came just before an interaction is counted on its own item's row alone: readers add both ways up, and an event rewrites
 * one item row instead of four.
 */
export function foldItems(
  rows: FoldRows,
  outcome: UserOutcome,
  userId: string,
  at: FoldAt,
  settings: FoldSettings,
): void {
  switch (outcome.type) {
    case 'counted': {
      const { interaction } = outcome
      const recentItems = weightOf(settings, interaction) > 0 ? outcome.recentItems : []
      rows.change('item-statistics', interaction.itemId, at.partition, at, (row) => {
        countInteraction(row, interaction, at, settings)
        for (const other of recentItems) countCoView(row.coViews, other, settings.limits.coViews)
      })
      return
    }
    case 'erased':
      for (const itemId of outcome.items) {
        rows.change('item-statistics', itemId, at.partition, at, (row) => {
          row.users = row.users.filter((user) => user.userId !== userId)
        })
      }
      return
    case 'adopted':
    case 'behind':
    case 'repeat':
    case 'refused':
  }
}

function countInteraction(row: ItemStatistics, event: Interaction, at: FoldAt, settings: FoldSettings): void {
  const time = eventTime(event)
  advance(row, time, settings)
  const age = row.time - time
  const fast = decay(age / settings.fastHalfLifeMs)
  const slow = decay(age / settings.slowHalfLifeMs)
  const counter = row.actions.find((candidate) => candidate.action === event.action)
  if (counter === undefined) row.actions.push({ action: event.action, fast, slow, total: 1 })
  else {
    counter.fast += fast
    counter.slow += slow
    counter.total++
  }
  rememberUser(row, event.userId, weightOf(settings, event), at.offset, settings.limits.itemUsers)
}

/** Moves the counts on to a newer event's time; an older event leaves them where they are. */
function advance(row: ItemStatistics, time: number, settings: FoldSettings): void {
  if (row.actions.length === 0) row.time = time
  if (time <= row.time) return
  const fast = decay((time - row.time) / settings.fastHalfLifeMs)
  const slow = decay((time - row.time) / settings.slowHalfLifeMs)
  for (const counter of row.actions) {
    counter.fast *= fast
    counter.slow *= slow
  }
  row.time = time
}

function rememberUser(row: ItemStatistics, userId: string, weight: number, offset: number, most: number): void {
  const known = row.users.findIndex((user) => user.userId === userId)
  const before = known === -1 ? 0 : row.users.splice(known, 1)[0]!.weight
  row.users.push({ userId, weight: before + weight, offset })
  if (row.users.length > most) row.users.shift()
}
