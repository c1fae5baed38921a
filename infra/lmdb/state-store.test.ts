import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stateStoreContract } from '#schemas/ports/state-store.contract.ts'
import { openDataFolder } from './data-folder.ts'
import { lmdbStateStore } from './state-store.ts'

stateStoreContract('lmdb', async () => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-state-'))
  const folder = await openDataFolder({ path, clock: { now: () => 0 } })
  let store = lmdbStateStore({ folder, generation: 'one' })
  return {
    store,
    scanOrder: 'keys',
    async reopen() {
      await store.close()
      store = lmdbStateStore({ folder, generation: 'one' })
      return store
    },
    async dispose() {
      await store.close()
      await folder.close()
      await rm(path, { recursive: true })
    },
  }
})
