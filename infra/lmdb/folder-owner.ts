import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { MillraceError } from '#schemas/errors.ts'

interface OwnerRecord {
  readonly pid: number
  /** When the process began, in the system's ticks; undefined where the system does not say. */
  readonly processStart?: string
  /** When it took the folder, epoch ms. */
  readonly since: number
}

export interface Ownership {
  release(): Promise<void>
}

/**
 * Takes a data folder for this process. The owner's record stands in an LMDB environment of its own, because its write
 * transaction is a lock between processes that the system frees when its holder is killed: of two who find a dead
 * owner, one gets the folder. Processes must see each other's pids.
 */
export function takeOwnership(folder: string, now: number): Ownership {
  const path = ownerPath(folder)
  const records = open<OwnerRecord, string>({ path, noSubdir: false, encoding: 'json', overlappingSync: false })
  const processStart = processStartOf(process.pid)
  const mine: OwnerRecord = { pid: process.pid, since: now, ...(processStart !== undefined && { processStart }) }
  const living = records.transactionSync(() => {
    const owner = records.get('owner')
    if (owner !== undefined && isAlive(owner)) return owner
    void records.put('owner', mine)
    return undefined
  })
  if (living !== undefined) {
    void records.close()
    const since = new Date(living.since).toISOString()
    throw new MillraceError('folder-in-use', `${folder} is in use by process ${living.pid} since ${since}`, {
      facts: { path: folder, pid: living.pid, since },
    })
  }
  return {
    async release() {
      records.transactionSync(() => void records.remove('owner'))
      await records.close()
    },
  }
}

/** Where the owner of a data folder is written down. */
export function ownerPath(folder: string): string {
  return join(folder, 'owner')
}

/** A pid alone may have been given to another process since. */
function isAlive({ pid, processStart }: OwnerRecord): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    const mayNotSignal = error instanceof Error && 'code' in error && error.code === 'EPERM'
    if (!mayNotSignal) return false
  }
  return processStart === undefined || processStartOf(pid) === processStart
}

/** From Linux's /proc; undefined for a zombie, which owns nothing any more, and where there is no /proc. */
function processStartOf(pid: number): string | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The second field is the command in parentheses, and may hold anything; state is the third, start time the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[19]
}
