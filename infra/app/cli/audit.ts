import type { Command } from 'commander'
import { audit, type AuditReport } from '#stream-processors/audit.ts'
import { withStillParts } from './folded-parts.ts'
import { configOf, folderCommand, type FolderFlags } from './options.ts'

interface Flags extends FolderFlags {
  readonly json?: boolean
}

/** `millrace audit` */
export function auditCommand(): Command {
  return folderCommand('audit')
    .description('reconcile the whole log with the rows: accepted = folded + repeated + dead')
    .option('--json', 'print JSON')
    .action(async (flags: Flags) => {
      const report = await withStillParts(configOf(flags), audit)
      console.log(flags.json === true ? JSON.stringify(report) : auditSentence(report))
      if (!report.balanced) process.exitCode = 2
    })
}

/** `100,015 accepted = 100,015 folded + 0 repeated + 0 dead: balanced` */
export function auditSentence(report: AuditReport): string {
  const { accepted, folded, repeated, refused, dead, pending, differing, balanced } = report
  const count = (value: number, name: string) => `${value.toLocaleString('en')} ${name}`
  const terms = [count(folded, 'folded'), count(repeated, 'repeated'), count(dead, 'dead')]
  if (refused > 0) terms.push(count(refused, 'refused'))
  if (pending > 0) terms.push(count(pending, 'pending'))
  const verdict = balanced ? 'balanced' : `NOT balanced, ${differing.length} users differ from a fold from zero`
  return `${count(accepted, 'accepted')} = ${terms.join(' + ')}: ${verdict}`
}
