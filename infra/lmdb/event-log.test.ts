import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventLogContract } from '#schemas/ports/event-log.contract.ts'
import { openDataFolder } from './data-folder.ts'
import { lmdbEventLog } from './event-log.ts'

eventLogContract('lmdb', async () => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-log-'))
  let now = 0
  const clock = { now: () => now }
  const open = async () => {
    const folder = await openDataFolder({ path, clock, partitions: 4 })
    return { folder, log: lmdbEventLog({ folder, clock, maxRecordBytes: 100_000 }) }
  }
  let opened = await open()
  const close = async () => {
    await opened.log.close()
    await opened.folder.close()
  }
  return {
    log: opened.log,
    maxRecordBytes: 100_000,
    setTime: (ms) => (now = ms),
    async reopen() {
      await close()
      opened = await open()
      return opened.log
    },
    async dispose() {
      await close()
      await rm(path, { recursive: true })
    },
  }
})
