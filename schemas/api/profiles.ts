import { type Static, Type } from 'typebox'
import { Attributes } from './attributes.ts'
import { Absentable, Label } from './text.ts'

const attributes = Attributes({ keys: 256, keyBytes: 256, valueBytes: 4096 }, 'what the app knows of the user')
const interests = Type.Array(Label(256), { maxItems: 128, description: 'categories the user declared an interest in' })

/** What a client sends as a user's profile. */
export const ProfileInput = Type.Object(
  { attributes: Absentable(attributes), interests: Absentable(interests) },
  { additionalProperties: false, description: 'A profile; null is the same as absent' },
)

export type ProfileInput = Static<typeof ProfileInput>

/** A profile as `GET /v1/users/{id}/profile` answers it. */
export const UserProfile = Type.Object({ attributes, interests })

export type UserProfile = Static<typeof UserProfile>
