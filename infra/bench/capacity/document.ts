import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Assumptions } from './assumptions.ts'
import { capacityTables } from './tables.ts'
import type { UnitCosts } from './unit-costs.ts'

export const capacityDocument = join(import.meta.dirname, '../../../docs/explanation/capacity.md')

const block = /<!-- capacity: ([a-z]+) -->\n[^]*?<!-- end of \1 -->/g

/** The document with all its tables as these costs have them. Throws for a table that nobody makes. */
export function withCapacity(text: string, costs: UnitCosts, given: Assumptions): string {
  const tables = capacityTables(costs, given)
  return text.replaceAll(block, (_, name: string) => {
    const made = tables[name]
    if (made === undefined) throw new Error(`no table ${name}; there are ${Object.keys(tables).join(', ')}`)
    return `<!-- capacity: ${name} -->\n\n${made}\n\n<!-- end of ${name} -->`
  })
}

/** Names of the tables in a document. */
export function tablesIn(text: string): string[] {
  return Array.from(text.matchAll(block), ([, name]) => name ?? '')
}

export function writeCapacity(costs: UnitCosts, given: Assumptions): void {
  writeFileSync(capacityDocument, withCapacity(readFileSync(capacityDocument, 'utf8'), costs, given))
}
