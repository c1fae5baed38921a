import { MillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import { readModelLife, sayOfModels, type ModelTopic } from './model-topic.ts'

export interface ClaimOptions extends ModelTopic {
  readonly clock: Pick<Clock, 'now'>
  /** Names this training: its claims, its model. */
  readonly run: string
  /** Names the process, for people. */
  readonly owner: string
  /** How long the claim outlives a trainer that died. Default 10 minutes. */
  readonly ttlMs?: number
}

export interface TrainingClaim {
  /** Prolongs the claim when half of it has passed. Throws `lease-lost` when another run has it. */
  keep(): Promise<void>
  /** Throws `lease-lost` unless this run has the claim at this moment. */
  confirm(): Promise<void>
  release(reason: string): Promise<void>
}

export const defaultClaimMs = 600_000

/**
 * One training at a time, on all machines: of the claims on the topic `models` the first open one wins. Undefined while
 * another run has it.
 */
export async function claimTraining(options: ClaimOptions): Promise<TrainingClaim | undefined> {
  const { clock, run, owner, ttlMs = defaultClaimMs } = options
  let until = 0

  async function prolong(): Promise<void> {
    const at = clock.now()
    until = at + ttlMs
    await sayOfModels(options, { type: 'claimed', run, owner, at, until })
  }

  async function isOurs(): Promise<boolean> {
    const { claimed } = await readModelLife(options)
    return claimed?.run === run
  }

  async function confirm(): Promise<void> {
    if (await isOurs()) return
    throw new MillraceError('lease-lost', 'another training has taken over', { facts: { run, owner } })
  }

  const { claimed } = await readModelLife(options)
  if (claimed !== undefined && claimed.run !== run && clock.now() < claimed.until) return undefined
  await prolong()
  if (!(await isOurs())) return undefined

  return {
    async keep() {
      if (clock.now() < until - ttlMs / 2) return
      await prolong()
      await confirm()
    },
    confirm,
    release: (reason) => sayOfModels(options, { type: 'released', run, reason, at: clock.now() }),
  }
}

/**
 * Releases what a trainer of this owner's left claimed when it died. Only for owners of which one process exists at a
 * time, such as the owner of a data folder, and only before it trains.
 */
export async function releaseAbandoned(
  options: ModelTopic & { readonly owner: string; readonly clock: Pick<Clock, 'now'> },
): Promise<void> {
  const { claimed } = await readModelLife(options)
  if (claimed === undefined || claimed.owner !== options.owner) return
  await sayOfModels(options, {
    type: 'released',
    run: claimed.run,
    reason: 'its process ended',
    at: options.clock.now(),
  })
}
