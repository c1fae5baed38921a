import { ulid } from 'ulid'
import { importModel, type ImportReport } from '#batch/import-model.ts'
import { readHistories } from '#batch/read-histories.ts'
import { onnxUserEncoder } from '#infra/onnx/user-encoder.ts'
import { liveFaults } from '../live-faults.ts'
import { readImport } from '../read-import.ts'
import { solverOf } from '../solver-of.ts'
import { generationOf } from '../training.ts'
import { withFoldedParts } from './folded-parts.ts'
import { configOf, type FolderFlags } from './options.ts'

export interface ImportFlags extends FolderFlags {
  readonly publish: boolean
  readonly json?: boolean
}

/** `millrace models import` */
export async function importFrom(folder: string, flags: ImportFlags): Promise<void> {
  const imported = await readImport(folder)
  const config = configOf(flags)
  const report = await withFoldedParts(config, async (parts) => {
    const solver = solverOf(config, config.threads)
    try {
      const histories = await readHistories({ ...parts, ...liveFaults(parts.settings) })
      const catalogue = []
      for await (const page of parts.features.catalogue()) catalogue.push(...page)
      return await importModel({
        ...parts,
        imported,
        solver,
        histories,
        catalogue,
        run: ulid(),
        openEncoder: onnxUserEncoder(),
        foldSettings: parts.settings,
        publish: flags.publish,
        generationOf: (version) => generationOf(parts.rows, version),
      })
    } finally {
      await solver.close()
    }
  })
  if (flags.json === true) console.log(JSON.stringify(report))
  else console.log(sentenceOf(report))
  if (report.decision.type === 'refuse') process.exitCode = 2
}

function sentenceOf({ version, users, metrics, decision, published }: ImportReport): string {
  const scores = Object.entries(metrics)
    .filter(([name]) => name.endsWith('ndcg@10'))
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
  const fate = decision.type === 'refuse' ? 'refused' : published ? 'published and served' : 'not published'
  return `model ${version}: ${users.toLocaleString('en')} users judged; ${[...scores, fate].join(', ')}`
}
