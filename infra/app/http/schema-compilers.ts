import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { type Fault, faultOf } from '#schemas/api/fault.ts'
import { MillraceError } from '#schemas/errors.ts'

/**
 * Validates with TypeBox. A body is taken as it is; in parameters, query and headers, where everything is text, values
 * are converted to their types and defaults filled in. A fault is an `invalid-input` that names the field and the reason.
 */
export const typeboxValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  const convert = httpPart === 'body' ? undefined : textConverter(schema)
  return (value: unknown) => {
    const converted = convert === undefined ? value : convert(value)
    return check.Check(converted) ? { value: converted } : { error: inputError(faultOf(check, converted), httpPart) }
  }
}

/** Answers are written as they are: the schema of an answer documents it and never drops a field. */
export function jsonSerializer(): (answer: unknown) => string {
  return JSON.stringify
}

/**
 * Defaults, and numbers, booleans and single elements of lists as a query writes them. Text that is not exactly one stays text,
 * and is refused by the schema: converting never changes what was said.
 */
function textConverter(schema: TSchema): (value: unknown) => unknown {
  if (!('properties' in schema) || !isRecord(schema.properties)) return (value) => value
  const { properties } = schema
  const defaults = Object.entries(properties).flatMap(([name, property]): [string, unknown][] =>
    isRecord(property) && property['default'] !== undefined ? [[name, property['default']]] : [],
  )
  return (value) => {
    if (!isRecord(value)) return value
    const converted = Object.fromEntries(
      Object.entries(value).map(([name, text]) => [name, memberFromText(properties[name], text)]),
    )
    for (const [name, standard] of defaults) converted[name] ??= standard
    return converted
  }
}

function memberFromText(schema: unknown, text: unknown): unknown {
  if (!isRecord(schema) || typeof text !== 'string') return text
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'array':
      return [text]
  }
  return text
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function inputError({ field, reason }: Fault, httpPart: string | undefined): MillraceError {
  const part = httpPart === 'querystring' ? 'query' : (httpPart ?? 'request')
  return new MillraceError('invalid-input', `${part}: ${field === '' ? '' : `${field} `}${reason}`, {
    facts: { field: field === '' ? part : field },
  })
}
