import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assumptions } from './assumptions.ts'
import { capacityOf } from './capacity.ts'
import { capacityDocument, tablesIn, withCapacity } from './document.ts'
import { itemBytes, userBytes } from './state-bytes.ts'
import { capacityTables } from './tables.ts'
import { readUnitCosts, type UnitCosts } from './unit-costs.ts'

const costs = readUnitCosts()
if (costs === undefined) throw new Error('unit-costs.json is missing: npm run bench -- cluster')
const measured: UnitCosts = costs
const coresOf = (name: string, given = assumptions) =>
  capacityOf(measured, given).roles.find((role) => role.name === name)?.cores ?? Number.NaN

describe('The capacity of a cluster', () => {
  it('is documented as computed: after a change, `node infra/bench/capacity.ts`', () => {
    const text = readFileSync(capacityDocument, 'utf8')
    expect(text).toBe(withCapacity(text, measured, assumptions))
    expect(new Set(tablesIn(text))).toEqual(new Set(Object.keys(capacityTables(measured, assumptions))))
  })

  it('goes with the load: twice the events, twice the processors, and as many serving instances', () => {
    const twice = { ...assumptions, eventsPerSecond: 2 * assumptions.eventsPerSecond }
    expect(coresOf('process', twice)).toBeCloseTo(2 * coresOf('process'))
    expect(coresOf('serve', twice)).toBeCloseTo(coresOf('serve'))
  })

  it('is that of cores half busy', () => {
    const busy = { ...assumptions, utilisation: 1 }
    expect(coresOf('ingest')).toBeCloseTo(coresOf('ingest', busy) / assumptions.utilisation)
    expect(coresOf('ingest', busy)).toBeCloseTo((assumptions.eventsPerSecond * measured.micros.ingestEvent) / 1e6)
  })

  it('counts every replica on disk', () => {
    const { store } = capacityOf(measured, assumptions)
    const alone = capacityOf(measured, { ...assumptions, replication: 1 }).store
    expect(store.diskBytes).toBeCloseTo(3 * alone.diskBytes)
  })

  it('knows no user beyond a full history', () => {
    const { full, mean, few } = userBytes(measured, { ...assumptions, activeShare: 1, eventsPerSecond: 1e6 })
    expect(mean).toBeCloseTo(full)
    expect(few).toBeLessThan(full)
  })

  it('has at most a row of statistics for each partition and item', () => {
    expect(itemBytes(measured, assumptions, 64).rows).toBeLessThanOrEqual(64)
    expect(itemBytes(measured, assumptions, 512).rows).toBeGreaterThan(itemBytes(measured, assumptions, 64).rows)
  })

  it('refuses a document that asks for a table nobody makes', () => {
    const text = '<!-- capacity: nothing -->\n<!-- end of nothing -->'
    expect(() => withCapacity(text, measured, assumptions)).toThrow('no table nothing')
  })
})
