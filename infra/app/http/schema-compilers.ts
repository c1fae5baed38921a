import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { MillraceError } from '#schemas/errors.ts'

/** What TypeBox says about one fault. */
type Fault = ReturnType<ReturnType<typeof Compile>['Errors']>[number]

/**
 * Validates with TypeBox. A body is taken as it is; in parameters, query and headers, where everything is text, values
 * are converted to their types and defaults filled in. A fault is an `invalid-input` that names the field and the reason.
 */
export const typeboxValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  return (value: unknown) => {
    const converted = httpPart === 'body' ? value : Value.Convert(schema, Value.Default(schema, value))
    return check.Check(converted) ? { value: converted } : { error: inputError(check.Errors(converted), httpPart) }
  }
}

/** Answers are written as they are: the schema of an answer documents it and never drops a field. */
export function jsonSerializer(): (answer: unknown) => string {
  return JSON.stringify
}

function inputError(faults: readonly Fault[], httpPart: string | undefined): MillraceError {
  const { field, reason } = readableFault(faults)
  const part = httpPart === 'querystring' ? 'query' : (httpPart ?? 'request')
  const name = field === '' ? part : field
  return new MillraceError('invalid-input', `${part}: ${field === '' ? '' : `${field} `}${reason}`, {
    facts: { field: name, reason },
  })
}

function readableFault(faults: readonly Fault[]): { field: string; reason: string } {
  const fault = faults.find((candidate) => candidate.keyword !== 'boolean') ?? faults[0]
  if (fault === undefined) return { field: '', reason: 'is not valid' }
  const at = fault.instancePath.slice(1).replaceAll('/', '.')
  if (fault.keyword === 'additionalProperties') {
    return { field: join(at, fault.params.additionalProperties[0]), reason: 'is not a known field' }
  }
  if (fault.keyword === 'required') {
    return { field: join(at, fault.params.requiredProperties[0]), reason: 'is required' }
  }
  if (fault.keyword === 'const' || fault.keyword === 'anyOf') {
    const allowed = faults.flatMap((other) => (other.keyword === 'const' ? [String(other.params.allowedValue)] : []))
    if (allowed.length > 0) return { field: at, reason: `must be one of ${allowed.join(', ')}` }
  }
  return { field: at, reason: fault.message }
}

function join(at: string, name: string | undefined): string {
  return at === '' ? (name ?? '') : `${at}.${name ?? ''}`
}
