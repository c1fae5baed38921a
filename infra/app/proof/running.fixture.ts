import { audit, type AuditReport } from '#stream-processors/audit.ts'
import { loadConfig } from '../config.ts'
import { withStillParts } from '../cli/folded-parts.ts'
import { startStandalone, type Standalone } from '../standalone.ts'
import { differingRows, foldFromZero, storedRows } from './fold-from-zero.fixture.ts'

/** Everything in this process, on a folder and a free port, that trains only when told to. */
export function standaloneOn(dataDir: string): Promise<Standalone> {
  return startStandalone(loadConfig({ env: {}, flags: { dataDir, port: 0, trainCron: '' } }))
}

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export async function post(url: string, path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

/** Of a folder that nobody serves: the audit, and the rows that are not those of the fold from zero. */
export function reconciled(dataDir: string): Promise<{ counts: AuditReport; differing: readonly string[] }> {
  return withStillParts(loadConfig({ env: {}, flags: { dataDir } }), async (parts) => ({
    counts: await audit(parts),
    differing: differingRows(await storedRows(parts.store), await foldFromZero(parts)),
  }))
}
