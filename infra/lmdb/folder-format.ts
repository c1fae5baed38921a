import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'

/** What was decided when the folder was made. */
export interface FolderFacts {
  readonly format: number
  /** Partitions of every `source` topic. */
  readonly partitions: number
  /** Epoch of every topic. */
  readonly epoch: number
  /** Epoch ms. */
  readonly createdAt: number
}

/** Version of the layout of the folder, its log and its rows that this release writes. */
export const currentFormat = 1

/**
 * Steps from one format to the next, by the format they start from. A step may be cut short and begun again: it ends by
 * being recorded in `format.json`.
 */
const migrations: ReadonlyMap<number, (path: string, facts: FolderFacts) => Promise<FolderFacts>> = new Map()

const fileName = 'format.json'

/** The facts of a folder; undefined for one that is new. Throws `format-unsupported` for what this release cannot read. */
export async function readFormat(path: string): Promise<FolderFacts | undefined> {
  let text: string
  try {
    text = await readFile(join(path, fileName), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new MillraceError('store-failed', `${join(path, fileName)} cannot be read`, { cause: error })
  }
  const found = parseFacts(text)
  const isKnown = found?.format === currentFormat || (found !== undefined && migrations.has(found.format))
  if (isKnown) return found
  const said = found?.format ?? formatOf(text)
  throw new MillraceError(
    'format-unsupported',
    `${path} has format ${said}; this release reads format ${currentFormat}`,
    { facts: { path, format: said, supported: currentFormat } },
  )
}

/** Migrates step by step to the current format. */
export async function bringUpToDate(path: string, found: FolderFacts): Promise<FolderFacts> {
  let facts = found
  for (let step = migrations.get(facts.format); step !== undefined; step = migrations.get(facts.format)) {
    facts = await step(path, facts)
    await writeFormat(path, facts)
  }
  return facts
}

/** Replaces `format.json` whole: it is never seen half written, whatever dies. */
export async function writeFormat(path: string, facts: FolderFacts): Promise<void> {
  const next = join(path, `${fileName}.next`)
  const file = await open(next, 'w')
  try {
    await file.writeFile(`${JSON.stringify(facts, undefined, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, join(path, fileName))
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function parseFacts(text: string): FolderFacts | undefined {
  const parsed = parseObject(text)
  const { format, partitions, epoch, createdAt } = parsed ?? {}
  if (!isWhole(format) || !isWhole(partitions) || !isWhole(epoch) || !isWhole(createdAt)) return undefined
  return { format, partitions, epoch, createdAt }
}

function formatOf(text: string): number | string {
  const format = parseObject(text)?.format
  return typeof format === 'number' || typeof format === 'string' ? format : 'unknown'
}

function parseObject(text: string): { readonly [K in keyof FolderFacts]?: unknown } | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
