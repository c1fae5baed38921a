import type { Clock } from '#schemas/ports/clock.ts'
import type { FolderFacts } from './folder-format.ts'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'
import { bringUpToDate, currentFormat, readFormat, writeFormat } from './folder-format.ts'
import { takeOwnership } from './folder-owner.ts'

export interface DataFolderOptions {
  readonly path: string
  readonly clock: Pick<Clock, 'now'>
  /** Partitions of every `source` topic: fixed when the folder is made; another number is refused later. Default 8. */
  readonly partitions?: number
}

export interface DataFolder {
  readonly path: string
  readonly facts: FolderFacts
  readonly logPath: string
  /** Where the rows of a generation are. Names are letters, digits, `-` and `_`. */
  statePath(generation: string): string
  /** Generations that have a folder, ascending. */
  generations(): Promise<string[]>
  /** Removes the rows of a generation whose store is closed. */
  dropGeneration(generation: string): Promise<void>
  /** Gives the folder up, after everything in it is closed. */
  close(): Promise<void>
}

/**
 * Opens a data folder for this process alone, making it if there is none. Refuses with `folder-in-use` (a living process
 * has it; the pid and since when are in the facts), `format-unsupported` (another release wrote it), and
 * `configuration-invalid` (made with another number of partitions). An owner that was killed is no obstacle. Where rows are
 * left but their log is gone, the log begins anew in the next epoch, so that no position of the old one is taken for one of it.
 */
export async function openDataFolder({ path, clock, partitions }: DataFolderOptions): Promise<DataFolder> {
  await mkdir(path, { recursive: true })
  // Before anything else is touched: a newer release may have laid out even the owner's place differently.
  await readFormat(path)
  const owner = takeOwnership(path, clock.now())
  try {
    const facts = await establish(path, clock, partitions)
    const statePath = (generation: string) => join(path, 'state', validGeneration(generation))
    return {
      path,
      facts,
      logPath: join(path, 'log'),
      statePath,
      async generations() {
        await mkdir(join(path, 'state'), { recursive: true })
        return (await readdir(join(path, 'state'))).sort()
      },
      async dropGeneration(generation) {
        await rm(statePath(generation), { recursive: true, force: true })
      },
      close: async () => await owner.release(),
    }
  } catch (error) {
    await owner.release()
    throw error
  }
}

async function establish(path: string, clock: Pick<Clock, 'now'>, asked: number | undefined): Promise<FolderFacts> {
  const found = await readFormat(path)
  const parts = await readdir(path)
  if (found === undefined) {
    if (parts.includes('log') || parts.includes('state')) {
      throw new MillraceError(
        'format-unsupported',
        `${path} has data but no format.json; this release reads format ${currentFormat}`,
        {
          facts: { path, format: 'unknown', supported: currentFormat },
        },
      )
    }
    const facts = { format: currentFormat, partitions: asked ?? 8, epoch: 1, createdAt: clock.now() }
    await writeFormat(path, facts)
    return facts
  }
  const facts = await bringUpToDate(path, found)
  if (asked !== undefined && asked !== facts.partitions) {
    throw new MillraceError(
      'configuration-invalid',
      `${path} was made with ${facts.partitions} partitions, which is for life; ${asked} were asked for`,
      { facts: { path, partitions: facts.partitions, asked } },
    )
  }
  if (parts.includes('log') || !parts.includes('state')) return facts
  const anew = { ...facts, epoch: facts.epoch + 1 }
  await writeFormat(path, anew)
  return anew
}

function validGeneration(name: string): string {
  if (/^[\w-]{1,128}$/.test(name)) return name
  throw new MillraceError('invalid-input', `${JSON.stringify(name)} cannot be the name of a generation`)
}
