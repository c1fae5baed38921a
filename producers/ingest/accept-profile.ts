import { Compile } from 'typebox/compile'
import { ProfileInput } from '#schemas/api/profiles.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Profile } from '#schemas/events/catalogue.ts'
import { rejectionOf } from './rejection.ts'

/** The profile that a client sent. Throws `invalid-input` naming field and reason. */
export function acceptProfile(raw: unknown): Profile {
  if (check.Check(raw)) return { attributes: raw.attributes ?? {}, interests: raw.interests ?? [] }
  const { field, message } = rejectionOf(check, raw, 0)
  throw new MillraceError('invalid-input', message, { facts: { field } })
}

const check = Compile(ProfileInput)
