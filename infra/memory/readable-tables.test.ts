import { readableTablesContract } from '#schemas/ports/readable-tables.contract.ts'
import { memoryReadableTables } from './readable-tables.ts'

readableTablesContract('memory', async () => {
  const tables = memoryReadableTables()
  return {
    tables,
    eventIds: async (userId) => tables.interactions(userId).map(({ eventId }) => eventId),
    features: async (of, key) => tables.features(of, key),
    dispose: async () => {},
  }
})
