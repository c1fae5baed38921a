import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { routedRoles, routeOf, type RoutedRole } from './routing.ts'

const Methods = Type.Record(Type.String(), Type.Unknown())

/** As much of an OpenAPI description as is needed to join two. */
export const Description = Type.Object({
  paths: Type.Optional(Type.Record(Type.String(), Methods)),
  components: Type.Optional(Type.Record(Type.String(), Methods)),
})

export type Description = Static<typeof Description>

/**
 * The gateway's own description with the routes of every role added that it sends there. A role that does not answer is
 * left out.
 */
export async function joinedDescription(
  own: object,
  describe: (role: RoutedRole) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const described = await Promise.all(routedRoles.map(async (role) => [role, await describe(role)] as const))
  const base = Value.Check(Description, own) ? own : {}
  const paths: Record<string, Record<string, unknown>> = { ...base.paths }
  const components: Record<string, Record<string, unknown>> = { ...base.components }
  for (const [role, description] of described) {
    if (!Value.Check(Description, description)) continue
    for (const [path, methods] of Object.entries(description.paths ?? {})) {
      for (const [method, operation] of Object.entries(methods)) {
        const isTheirs = path.startsWith('/v1/') && routeOf(method.toUpperCase(), path).role === role
        if (isTheirs) paths[path] = { ...paths[path], [method]: operation }
      }
    }
    for (const [kind, named] of Object.entries(description.components ?? {})) {
      components[kind] = { ...named, ...components[kind] }
    }
  }
  const sorted = Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...own, paths: Object.fromEntries(sorted), components }
}
