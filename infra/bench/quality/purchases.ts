import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { rowsOf } from '../coldstart/packed-rows.ts'
import { dataOf, type Deed, type RatedData } from './rated-data.ts'

/** Stock codes of goods: others are postage, discounts, fees. */
const goods = /^\d{5}/

/** A return takes one purchase away. */
const actions = { ...defaultFoldSettings.actions, return: { type: 'fixed', weight: -10 } } as const

/**
 * Online Retail by time: each line of goods with a customer is an event, a purchase where its quantity is positive, else a
 * return. Undefined where `folder` has it not.
 */
export function purchases(folder: string | undefined): RatedData | undefined {
  const file = join(folder ?? '', 'online-retail', 'online_retail.csv.gz')
  if (folder === undefined || folder === '' || !existsSync(file)) return undefined
  const deeds = rowsOf(file).flatMap(([, itemId = '', , quantity, at = '', , userId = '']): Deed[] => {
    if (userId === '' || !goods.test(itemId)) return []
    const action = Number(quantity) > 0 ? 'purchase' : 'return'
    return [{ userId, itemId, action, value: null, time: Date.parse(`${at.replace(' ', 'T')}Z`) }]
  })
  return dataOf('Online Retail', 'time-split', { ...defaultFoldSettings, actions }, deeds)
}
