import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import { faultOf } from './fault.ts'
import { nearestName } from './nearest-name.ts'
import { Absentable, Id } from './text.ts'

const check = Compile(
  Type.Object(
    {
      userId: Id,
      kind: Type.Unsafe<string>({ type: 'string', enum: ['a', 'b'] }),
      tags: Absentable(Type.Array(Id)),
    },
    { additionalProperties: false },
  ),
)

it('names the field, the kind of fault and the reason', () => {
  const good = { userId: 'u', kind: 'a' }
  for (const [value, fault] of [
    [
      { ...good, userID: 'x' },
      { code: 'unknown-field', field: 'userID' },
    ],
    [{ kind: 'a' }, { code: 'required', field: 'userId', reason: 'is required' }],
    [
      { ...good, kind: 'c' },
      { code: 'not-among', field: 'kind', reason: 'must be one of a, b' },
    ],
    [
      { ...good, kind: 3 },
      { code: 'invalid', field: 'kind', reason: 'must be string' },
    ],
    [
      { ...good, userId: '' },
      { code: 'invalid', field: 'userId', reason: 'must not be empty' },
    ],
    [
      { ...good, tags: ['ok', 'a\nb'] },
      { field: 'tags.1', reason: 'must not contain control characters' },
    ],
    [[], { code: 'invalid', field: '', reason: 'must be object' }],
  ] as const) {
    expect(check.Check(value)).toBe(false)
    expect(faultOf(check, value)).toMatchObject(fault)
  }
})

it('suggests the known name that was meant, if one is near', () => {
  expect(faultOf(check, { userId: 'u', kind: 'a', userID: 'x' }).reason).toBe(
    'is not a known field; did you mean userId?',
  )
  expect(nearestName('ocurredAt', ['id', 'occurredAt'])).toBe('occurredAt')
  expect(nearestName('colour', ['id', 'occurredAt'])).toBeUndefined()
})

it('never repeats more than a little of what was sent', () => {
  const fault = faultOf(check, { userId: 'u', kind: 'a', ['x'.repeat(10_000)]: 1 })
  expect(JSON.stringify(fault).length).toBeLessThan(300)
})
