import { stateStoreContract } from '#schemas/ports/state-store.contract.ts'
import { rowTable } from './row-table.ts'
import { memoryStateStore } from './state-store.ts'

stateStoreContract('memory', async () => {
  const rows = rowTable()
  let store = memoryStateStore(rows)
  return {
    store,
    scanOrder: 'keys',
    reopen: async () => (store = memoryStateStore(rows)),
    dispose: async () => await store.close(),
  }
})
