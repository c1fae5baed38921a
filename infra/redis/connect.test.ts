import { describe, expect, it } from 'vitest'
import { connectRedis } from './connect.ts'

describe('A connection to Redis', () => {
  it.each([
    ['no address', { urls: [] }],
    ['another protocol', { urls: ['http://localhost:6379'] }],
    ['no host', { urls: ['localhost:6379'] }],
    ['a database without a number', { urls: ['redis://localhost/first'] }],
    ['braces in the prefix', { urls: ['redis://localhost'], prefix: '{millrace}:' }],
  ])('is refused for %s', async (_, options) => {
    const connecting = connectRedis({ mode: 'single', prefix: 'millrace:', ...options })
    await expect(connecting).rejects.toMatchObject({ code: 'configuration-invalid' })
  })

  it('says nothing of a password in an address that it refuses', async () => {
    const connecting = connectRedis({ urls: ['http://user:secret@localhost'], mode: 'single', prefix: '' })
    const error = await connecting.catch((refusal: unknown) => refusal)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret')
  })
})
