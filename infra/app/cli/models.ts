import { Command } from 'commander'
import { listModels, modelManifest, rollBack } from '../models.ts'
import { openParts } from '../open-parts.ts'
import type { Parts } from '../parts.ts'
import { reportToStderr } from './folded-parts.ts'
import { importFactorsFrom } from './import-factors.ts'
import { importFrom } from './import-model.ts'
import { configOf, folderCommand, type FolderFlags } from './options.ts'
import { remote, remoteOptions, type RemoteFlags } from './remote.ts'

interface Flags extends FolderFlags, RemoteFlags {
  readonly json?: boolean
}

type Summaries = Awaited<ReturnType<typeof listModels>>

/** `millrace models list|show|rollback|import|import-factors` */
export function modelsCommand(): Command {
  const models = new Command('models').description('look at the models, go back to an older one')
  models.addCommand(
    remoteOptions(folderCommand('list'))
      .description('every published model, newest first')
      .option('--json', 'print JSON')
      .action(list),
  )
  models.addCommand(
    remoteOptions(folderCommand('show')).description('the manifest of a model').argument('<version>').action(show),
  )
  models.addCommand(
    remoteOptions(folderCommand('rollback'))
      .description('serve the model before this one again, or the given version')
      .argument('[version]')
      .action(goBack),
  )
  models.addCommand(
    folderCommand('import-factors')
      .description('judge item factors fitted elsewhere to exported interactions, publish them if they hold up')
      .argument('<folder>', 'what a trainer such as batch/spark/train_als.py wrote')
      .option('--preset <name>', 'what it stands on: embedded (a data folder) or cluster')
      .option('--no-publish', 'judge only')
      .option('--json', 'print only the report, as JSON')
      .action(importFactorsFrom),
  )
  models.addCommand(
    folderCommand('import')
      .description(
        'judge a model trained elsewhere (its user side in ONNX) beside the one in service, publish it if it holds up',
      )
      .argument('<folder>', 'folder with manifest.json, items.json, vectors.f32 and user.onnx')
      .option('--no-publish', 'judge only')
      .option('--json', 'print only the report, as JSON')
      .action(importFrom),
  )
  return models
}

async function list(flags: Flags): Promise<void> {
  const rows =
    flags.to === undefined
      ? await onParts(flags, listModels)
      : (await remote<{ readonly items: Summaries }>(flags, 'GET', '/v1/models')).items
  if (flags.json === true) console.log(JSON.stringify(rows))
  else if (rows.length === 0) console.log('no models yet: train one with `millrace train`')
  else console.table(rows)
}

async function show(version: string, flags: Flags): Promise<void> {
  const manifest =
    flags.to === undefined
      ? await onParts(flags, (parts) => modelManifest(parts, version))
      : await remote<object>(flags, 'GET', `/v1/models/${encodeURIComponent(version)}`)
  console.log(JSON.stringify(manifest, undefined, 2))
}

async function goBack(version: string | undefined, flags: Flags): Promise<void> {
  const body = version === undefined ? {} : { version }
  const served =
    flags.to === undefined
      ? await onParts(flags, (parts) => rollBack(parts, version))
      : (await remote<{ readonly version: string }>(flags, 'POST', '/v1/models/rollback', body)).version
  console.log(`model ${served} will be served`)
}

async function onParts<T>(flags: Flags, act: (parts: Parts) => Promise<T>): Promise<T> {
  const parts = await openParts(configOf(flags), { name: 'command', report: reportToStderr })
  try {
    return await act(parts)
  } finally {
    await parts.close()
  }
}
