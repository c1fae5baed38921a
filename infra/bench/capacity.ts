import { assumptions } from './capacity/assumptions.ts'
import { writeCapacity } from './capacity/document.ts'
import { readUnitCosts } from './capacity/unit-costs.ts'

// `node infra/bench/capacity.ts`: computes the tables of docs/explanation/capacity.md from the unit costs of the last
// `npm run bench -- cluster` and from capacity/assumptions.ts.
const costs = readUnitCosts()
if (costs === undefined) {
  console.error('nothing was measured yet: npm run bench -- cluster')
  process.exitCode = 1
} else {
  writeCapacity(costs, assumptions)
  console.log(`docs/explanation/capacity.md says what was measured on ${costs.date}`)
}
