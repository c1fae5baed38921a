import { ulid } from 'ulid'
import { releaseAbandoned } from '#batch/claim-training.ts'
import { importFactors, type ImportFactorsReport } from '#batch/import-factors.ts'
import { readTrainedFactors } from '#infra/folder/trained-factors.ts'
import { liveFaults } from '../live-faults.ts'
import { solverOf } from '../solver-of.ts'
import { generationOf, ownerOf } from '../training.ts'
import { withFoldedParts } from './folded-parts.ts'
import { configOf, type FolderFlags } from './options.ts'

export interface ImportFactorsFlags extends FolderFlags {
  readonly preset?: string
  readonly publish: boolean
  readonly json?: boolean
}

/** `millrace models import-factors FOLDER` */
export async function importFactorsFrom(folder: string, flags: ImportFactorsFlags): Promise<void> {
  const factors = await readTrainedFactors(folder)
  const { preset } = flags
  const config = configOf(flags, { ...(preset !== undefined && { preset }) })
  const report = await withFoldedParts(config, async (parts) => {
    const solver = solverOf(config, config.threads)
    const owner = ownerOf(config)
    try {
      await releaseAbandoned({ ...parts, owner })
      return await importFactors({
        ...parts,
        factors,
        solver,
        owner,
        run: ulid(),
        foldSettings: parts.settings,
        gateShare: config.gateShare,
        publish: flags.publish,
        ...liveFaults(parts.settings),
        generationOf: (version) => generationOf(parts.rows, version),
      })
    } finally {
      await solver.close()
    }
  })
  console.log(flags.json === true ? JSON.stringify(report) : sentenceOf(report))
  if (report.decision.type === 'refuse') process.exitCode = 2
}

function sentenceOf(report: ImportFactorsReport): string {
  const { version, trainer, users, items, interactions, judged, metrics, decision, published } = report
  const count = (value: number) => value.toLocaleString('en')
  const size = `${count(interactions)} interactions of ${count(users)} users on ${count(items)} items`
  const scores = Object.entries(metrics)
    .filter(([name]) => name.endsWith('ndcg@10'))
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
  const fate = decision.type === 'refuse' ? 'refused' : published ? 'published and served' : 'not published'
  return `model ${version} by ${trainer}: ${size}; ${count(judged)} users judged; ${[...scores, fate].join(', ')}`
}
