import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { errorCodes, MillraceError } from '../errors.ts'
import { Problem, problemOf } from './problem.ts'

describe('problem details', () => {
  it('have a status and a title for every code', () => {
    for (const code of errorCodes) {
      const answer = problemOf(new MillraceError(code, 'what happened'))
      expect({ code, valid: Value.Check(Problem, answer) }).toEqual({ code, valid: true })
    }
  })

  it('tell the client what it caused, with field and rejected elements', () => {
    const rejected = [{ index: 0, code: 'invalid', field: 'itemId', message: 'must not be empty' }]
    const error = new MillraceError('invalid-input', 'no event was accepted', { facts: { field: 'itemId', rejected } })
    expect(problemOf(error)).toEqual({
      type: 'urn:millrace:problem:invalid-input',
      title: 'Invalid input',
      status: 400,
      detail: 'no event was accepted',
      code: 'invalid-input',
      field: 'itemId',
      rejected,
    })
  })

  it('tell nothing of what failed inside', () => {
    const secret = 'postgres://user:secret@10.0.0.1'
    for (const error of [
      new Error(secret),
      new MillraceError('broken-invariant', secret, { facts: { field: secret } }),
      new MillraceError('store-failed', secret),
      secret,
    ]) {
      expect(JSON.stringify(problemOf(error))).not.toContain('secret')
    }
    expect(problemOf(new Error('x')).status).toBe(500)
    expect(problemOf(new MillraceError('store-failed', 'x')).status).toBe(503)
    expect(problemOf(new MillraceError('log-full', 'x')).status).toBe(507)
  })
})
