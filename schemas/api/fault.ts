import type { TSchema } from 'typebox'
import type { Validator } from 'typebox/compile'
import { nearestName } from './nearest-name.ts'

/** What one value is rejected for. */
export interface Fault {
  readonly code: 'unknown-field' | 'required' | 'not-among' | 'invalid'
  /** Path of the field, joined by dots; empty for the value as a whole. */
  readonly field: string
  /** What is wrong with the field, to be read after its name. */
  readonly reason: string
}

type SchemaFault = ReturnType<Validator['Errors']>[number]

/** The fault of a value that failed `check`: the misspelt field first, as what else is wrong mostly follows from it. */
export function faultOf(check: Validator, value: unknown): Fault {
  const faults: readonly SchemaFault[] = check.Errors(withinReach(value, 3))
  // A field that is not known meets the schema `false`; `additionalProperties` also follows from a known one's fault.
  const misspelt = faults.find((each) => each.keyword === 'boolean')
  const fault = misspelt ?? faults.find((each) => each.keyword !== 'additionalProperties') ?? faults[0]
  if (fault === undefined) return { code: 'invalid', field: '', reason: 'is not valid' }
  const path = fault.instancePath.slice(1).split('/').map(unescaped)
  const at = path.join('.')
  if (fault === misspelt) {
    const name = clip(path.at(-1) ?? '')
    const nearest = path.length === 1 ? nearestName(name, fieldsOf(check.Type())) : undefined
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
    return {
      code: 'unknown-field',
      field: join(path.slice(0, -1).join('.'), name),
      reason: `is not a known field${hint}`,
    }
  }
  if (fault.keyword === 'required') {
    return { code: 'required', field: join(at, fault.params.requiredProperties[0] ?? ''), reason: 'is required' }
  }
  const allowed = allowedAt(faults, fault.instancePath)
  if (allowed.length > 0 && fault.keyword !== 'type') {
    return { code: 'not-among', field: clip(at), reason: `must be one of ${allowed.join(', ')}` }
  }
  const empty = fault.keyword === 'minLength' && fault.params.limit === 1
  return { code: 'invalid', field: clip(at), reason: empty ? 'must not be empty' : fault.message }
}

/** A part of a JSON pointer (RFC 6901) as it was before escaping. */
function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** More than any schema of ours allows. */
const mostFields = 300
const mostElements = 10_001

/**
 * A copy without what lies beyond every limit: looking for what is wrong costs time for each part of a value, and a client may send
 * hundreds of thousands. What is left still has too many.
 */
function withinReach(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return depth === 0 ? [] : value.slice(0, mostElements).map((element) => withinReach(element, depth - 1))
  }
  const names = depth === 0 ? [] : Object.keys(value).slice(0, mostFields)
  const members = names.map((name): [string, unknown] => [name, withinReach(Reflect.get(value, name), depth - 1)])
  // Never an assignment: a field may be called `__proto__`.
  return Object.fromEntries(members)
}

function allowedAt(faults: readonly SchemaFault[], path: string): string[] {
  return faults
    .filter((each) => each.instancePath === path)
    .flatMap((each) => {
      if (each.keyword === 'enum') return each.params.allowedValues.map(String)
      return each.keyword === 'const' ? [String(each.params.allowedValue)] : []
    })
}

function fieldsOf(schema: TSchema): readonly string[] {
  return 'properties' in schema && typeof schema.properties === 'object' && schema.properties !== null
    ? Object.keys(schema.properties)
    : []
}

/** Names in an answer come from the request: they are cut, so that an answer never grows with what was sent. */
function clip(name: string): string {
  return name.length <= 100 ? name : `${name.slice(0, 100).toWellFormed()}…`
}

function join(at: string, name: string): string {
  return at === '' ? name : `${clip(at)}.${name}`
}
