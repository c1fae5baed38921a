import { interactionTableContract } from '#schemas/ports/interaction-table.contract.ts'
import { memoryInteractionTable } from './interaction-table.ts'

interactionTableContract('memory', async () => {
  const table = memoryInteractionTable()
  return { table, read: async () => ({ rows: table.rows, manifest: table.manifest() }) }
})
