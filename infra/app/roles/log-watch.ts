import type { Readiness } from '../http/health-routes.ts'
import type { Chores } from './chores.ts'
import { isReady, type RoleContext } from './role.ts'

const lookEveryMs = 2_000

/** Ready while the log answers: looked at now and then, so that a probe of ours costs it nothing. */
export function logWatch({ parts }: Pick<RoleContext, 'parts'>, chores: Chores): () => Readiness {
  let failure: string | undefined
  chores.every(lookEveryMs, 'asking the log how far it goes', async () => {
    try {
      await parts.log.bounds('models')
      failure = undefined
    } catch (error) {
      failure = `the log does not answer: ${error instanceof Error ? error.message : String(error)}`
    }
  })
  return () => (failure === undefined ? isReady : { ready: false, reasons: [failure] })
}
