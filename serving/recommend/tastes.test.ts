import { expect, it } from 'vitest'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { items as knownItems } from '../read-model/items.ts'
import type { KnownUser } from './known-user.ts'
import { tasteCache } from './tastes.ts'

const solver = {
  foldIn: () => {
    throw new Error('there is no model to fold into')
  },
}

function userOf(...itemIds: string[]): KnownUser {
  const history = itemIds.map((itemId) => ({ itemId, action: 'like', value: null }))
  return { history, position: { epoch: 1, partition: 0, offset: 7 }, isRowOnly: true, isUnread: false, degraded: [] }
}

it('remembers no item for being named in a request, and blocks one that a kept history holds once it is known', () => {
  const items = knownItems(defaultFoldSettings)
  const { slot } = items.obtain('known')
  const tastes = tasteCache({ capacity: 10, items, settings: defaultFoldSettings, solver, metrics: noMetrics })
  expect(tastes.of(undefined, userOf('known', 'never-heard-of'), undefined).consumed).toEqual([slot])
  expect(items.slots.size()).toBe(1)
  expect(tastes.of('ann', userOf('known', 'new'), undefined).consumed).toHaveLength(2)
  expect(tastes.of('ann', userOf('known', 'new'), undefined).consumed).toContain(items.obtain('new').slot)
})
