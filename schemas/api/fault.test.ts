import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import { Attributes } from './attributes.ts'
import { faultOf } from './fault.ts'
import { nearestName } from './nearest-name.ts'
import { Absentable, Id } from './text.ts'

const check = Compile(
  Type.Object(
    {
      userId: Id,
      kind: Type.Unsafe<string>({ type: 'string', enum: ['a', 'b'] }),
      tags: Absentable(Type.Array(Id, { maxItems: 5 })),
      context: Absentable(Attributes({ keys: 3, keyBytes: 8, valueBytes: 8 }, 'context')),
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
    [
      { ...good, context: { 'x/y': {} } },
      { code: 'invalid', field: 'context.x/y', reason: 'must be either string or number or boolean' },
    ],
    [
      { ...good, context: { page: '\ud800' } },
      { field: 'context', reason: 'holds page, which must be well-formed Unicode' },
    ],
    [
      { ...good, context: { ['x'.repeat(9)]: 1 } },
      { field: 'context', reason: 'has a name that must be at most 8 bytes long' },
    ],
    [
      { ...good, context: JSON.parse('{"__proto__":1}') },
      { field: 'context', reason: 'has a name that must not be __proto__' },
    ],
    [
      { ...good, ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x${i}`, 1])) },
      { code: 'unknown-field', field: 'x0' },
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

it('looks at no more of a value than the limits reach', () => {
  let looks = 0
  const counted = <T extends object>(value: T) =>
    new Proxy(value, { get: (of, name) => (looks++, Reflect.get(of, name)) })
  const members = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`x${i}`, i]))
  const good = { userId: 'u', kind: 'a' }
  expect(faultOf(check, counted({ ...good, ...members }))).toMatchObject({ code: 'unknown-field', field: 'x0' })
  expect(faultOf(check, { ...good, context: counted(members) }).field).toBe('context')
  expect(faultOf(check, { ...good, tags: counted(Array.from({ length: 50_000 }, () => 'x')) }).field).toBe('tags')
  expect(looks).toBeLessThan(12_000)
})
