import { expect, it } from 'vitest'
import { assertHostAllowed, isLoopback } from './host.ts'

it('takes only addresses of this machine for loopback', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1']) {
    expect({ host, loopback: isLoopback(host) }).toEqual({ host, loopback: true })
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', 'example.com', 'localhost.example.com', '']) {
    expect({ host, loopback: isLoopback(host) }).toEqual({ host, loopback: false })
  }
})

it('refuses another host until there are API keys', () => {
  expect(() => assertHostAllowed('127.0.0.1', [])).not.toThrow()
  expect(() => assertHostAllowed('0.0.0.0', ['key'])).not.toThrow()
  expect(() => assertHostAllowed('0.0.0.0', [])).toThrow(expect.objectContaining({ code: 'configuration-invalid' }))
})
