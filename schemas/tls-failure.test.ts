import { expect, it } from 'vitest'
import { isTlsFailure } from './tls-failure.ts'

const withCode = (code: unknown) => Object.assign(new Error('failed'), { code })

it('tells what TLS refused from a connection that failed', () => {
  const refusals = ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID']
  expect(refusals.map(withCode).every(isTlsFailure)).toBe(true)
  expect(isTlsFailure(withCode('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'))).toBe(true)
  expect(['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 7, undefined].map(withCode).some(isTlsFailure)).toBe(false)
  expect(isTlsFailure('CERT_HAS_EXPIRED')).toBe(false)
})
