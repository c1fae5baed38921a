import { parseArgs } from 'node:util'
import { takeOwnership } from '#infra/lmdb/folder-owner.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { clusterFolder, makeFolders } from './cluster-folder.ts'
import { standInMembers } from './stand-in-members.fixture.ts'
import { supervise } from './supervisor.ts'

// The supervisor on small programs instead of servers and roles.
const { values } = parseArgs({ options: { dir: { type: 'string' } } })
const folder = clusterFolder(values.dir ?? '.')
const clock = systemClock()
const stopping = new AbortController()
process.on('SIGTERM', () => stopping.abort())
makeFolders(folder)
const ownership = takeOwnership(folder.run, clock.now())
await supervise({
  folder,
  membersOf: (plan) => standInMembers(plan, folder),
  clock,
  signal: stopping.signal,
  report: (line) => process.stdout.write(`${line}\n`),
})
await ownership.release()
