import { parseArgs } from 'node:util'
import { takeOwnership } from '#infra/lmdb/folder-owner.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { clusterFolder, makeFolders } from './cluster-folder.ts'
import { clusterMembers } from './cluster-members.ts'
import { supervise } from './supervisor.ts'

// The process that owns a development cluster: `supervisor-main.ts --dir DIR`. SIGTERM stops the cluster.
const { values } = parseArgs({ options: { dir: { type: 'string' } } })
const folder = clusterFolder(values.dir ?? '.')
const clock = systemClock()
const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort())
process.on('SIGHUP', () => {})

makeFolders(folder)
const ownership = takeOwnership(folder.run, clock.now())
try {
  await supervise({
    folder,
    membersOf: (plan) => clusterMembers(plan, folder),
    clock,
    signal: stopping.signal,
    report: (line) => process.stdout.write(`${new Date(clock.now()).toISOString()} ${line}\n`),
  })
} finally {
  await ownership.release()
}
// Servers that were stopped may still hold handles of this process.
process.exit()
