import { Command } from 'commander'
import { readModelLife } from '#batch/model-topic.ts'
import { rollback } from '#batch/publish.ts'
import { MillraceError } from '#schemas/errors.ts'
import { openEmbedded, type Parts } from '../embedded.ts'
import { generationOf } from '../training.ts'
import { configOf, folderCommand, type FolderFlags } from './options.ts'

interface Flags extends FolderFlags {
  readonly json?: boolean
}

/** `millrace models list|show|rollback` */
export function modelsCommand(): Command {
  const models = new Command('models').description('look at the models, go back to an older one')
  models.addCommand(
    folderCommand('list')
      .description('every published model, newest first')
      .option('--json', 'print JSON')
      .action((flags: Flags) => onParts(flags, list)),
  )
  models.addCommand(
    folderCommand('show')
      .description('the manifest of a model')
      .argument('<version>')
      .action((version: string, flags: Flags) => onParts(flags, (parts) => show(parts, version))),
  )
  models.addCommand(
    folderCommand('rollback')
      .description('serve the model before this one again, or the given version')
      .argument('[version]')
      .action((version: string | undefined, flags: Flags) => onParts(flags, (parts) => goBack(parts, version))),
  )
  return models
}

async function onParts(flags: Flags, act: (parts: Parts, flags: Flags) => Promise<void>): Promise<void> {
  const parts = await openEmbedded(configOf(flags))
  try {
    await act(parts, flags)
  } finally {
    await parts.close()
  }
}

async function list(parts: Parts, { json = false }: Flags): Promise<void> {
  const [{ serving, published }, manifests] = await Promise.all([readModelLife(parts), parts.registry.list()])
  const rows = manifests.map(({ version, createdAt, interactions, metrics }) => ({
    version,
    state: version === serving?.version ? 'serving' : published.includes(version) ? 'published' : 'unpublished',
    createdAt: new Date(createdAt).toISOString(),
    interactions,
    'ndcg@10': metrics['ndcg@10'] ?? null,
  }))
  if (json) console.log(JSON.stringify(rows))
  else if (rows.length === 0) console.log('no models yet: train one with `millrace train`')
  else console.table(rows)
}

async function show({ registry }: Parts, version: string): Promise<void> {
  const manifest = await registry.get(version)
  if (manifest === undefined) throw new MillraceError('model-unknown', `no model ${version}`, { facts: { version } })
  console.log(JSON.stringify(manifest, undefined, 2))
}

async function goBack(parts: Parts, version: string | undefined): Promise<void> {
  const served = await rollback(parts, {
    ...(version !== undefined && { version }),
    generationOf: (older) => generationOf(parts.rows, older),
  })
  console.log(`model ${served.version} will be served`)
}
