import { Compile } from 'typebox/compile'
import { interactionInput } from '#schemas/api/interactions.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { dayMs } from '#schemas/settings.ts'
import type { FileRow } from './file-rows.ts'
import type { ImportPlan } from './import-plan.ts'
import type { ImportedInteraction, MappedRow } from './imported-events.ts'
import { brokenRow, refusedRow } from './refused-row.ts'
import { rowReader, type RowFields } from './row-fields.ts'

/** What the mapping of rows depends on beside the plan. */
export interface MappingContext {
  readonly source: string
  /** Start of the import: the time of a row without one, and what no time may exceed by more than a day. */
  readonly startedAt: number
  readonly settings: Pick<FoldSettings, 'actions' | 'ratingScale'>
}

/**
 * Makes the mapping of rows to interactions by a plan, refusing what the ingest would refuse. Values of rating types go from the plan's scale
 * to the configured one.
 */
export function interactionMapping(
  plan: ImportPlan,
  context: MappingContext,
): (row: FileRow) => MappedRow<ImportedInteraction> {
  const read = rowReader(plan)
  const check = Compile(interactionInput(context.settings))
  return (row) => {
    const { line, raw } = row
    if (row.type === 'broken') return brokenRow(row)
    const fields = read(row)
    const userId = fields.id('user')
    const itemId = fields.id('item')
    const type = readType(fields, plan, context)
    const value = readValue(fields, type, plan, context)
    const occurredAt = fields.time('time') ?? context.startedAt
    if (occurredAt > context.startedAt + dayMs) fields.refuse('time', 'is more than a day in the future')
    const sessionId = fields.text('session')
    const [problem] = fields.problems
    if (problem !== undefined) return { type: 'rejected', line, raw, problem }
    const event: ImportedInteraction = {
      id: `${context.source}:${line}`,
      userId,
      itemId,
      type,
      ...(value === undefined ? {} : { value }),
      ...(sessionId === undefined ? {} : { sessionId }),
      occurredAt,
      source: context.source,
      sequence: line,
    }
    return check.Check(event) ? { type: 'event', line, raw, event } : refusedRow(row, check, event)
  }
}

function readType(fields: RowFields, plan: ImportPlan, { settings }: MappingContext): string {
  const type = fields.text('type')?.trim() ?? plan.action
  if (type === null) fields.refuse('type', 'is missing')
  else if (!Object.hasOwn(settings.actions, type))
    fields.refuse(
      'type',
      `'${type}' is unknown; known: ${Object.keys(settings.actions).join(', ')}`,
      'unknown-interaction-type',
    )
  return type ?? ''
}

function readValue(
  fields: RowFields,
  type: string,
  plan: ImportPlan,
  { settings }: MappingContext,
): number | undefined {
  const value = fields.number('value')
  const isRating = Object.hasOwn(settings.actions, type) && settings.actions[type]?.type === 'rating'
  if (!isRating || fields.problems.some((problem) => problem.field === 'value')) return value
  if (value === undefined) return fields.refuse('value', `is missing, and '${type}' needs one`)
  const target = settings.ratingScale
  const scale = plan.scale ?? target
  if (value < scale.min || value > scale.max)
    return fields.refuse('value', `${value} is outside the scale ${scale.min}..${scale.max}`)
  return target.min + ((value - scale.min) / (scale.max - scale.min)) * (target.max - target.min)
}
