import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'

export interface BootMark {
  /** Everything in the folder is on disk: it will be trusted after the machine has started again. */
  settle(): void
}

const markName = 'written-since-boot'
const dataName = 'data.mdb'

/**
 * Guards a folder whose pages reach the disk when the system sees fit. They survive the end of the process; a power cut
 * may leave them torn. So the folder bears the mark of the boot it is being written in: opened in another boot with that mark
 * still on it, it is emptied, since all of it can be made again.
 */
export function markBoot(folder: string, boot: string = currentBoot()): BootMark {
  const mark = join(folder, markName)
  mkdirSync(folder, { recursive: true })
  if (existsSync(mark) && readFileSync(mark, 'utf8') !== boot) {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
  }
  writeFileSync(mark, boot)
  syncPath(mark)
  syncPath(folder)
  return {
    settle() {
      const data = join(folder, dataName)
      if (existsSync(data)) syncPath(data)
      rmSync(mark, { force: true })
      syncPath(folder)
    },
  }
}

/** Names the time since the machine started: the kernel's own name for it, else the minute in which it started. */
function currentBoot(): string {
  const known = '/proc/sys/kernel/random/boot_id'
  if (existsSync(known)) return readFileSync(known, 'utf8').trim()
  return `minute ${Math.round((Date.now() / 1_000 - uptime()) / 60)}`
}

function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } catch (cause) {
    throw new MillraceError('store-failed', `${path} cannot be synced`, { cause, facts: { path } })
  } finally {
    closeSync(file)
  }
}
