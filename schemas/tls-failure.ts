const codes = /^(CERT_|ERR_TLS_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_SSL_.*(ALERT|WRONG_VERSION))/

/** Whether TLS itself failed, by Node's codes: a wrong authority, certificate, name or date, or a peer without TLS. */
export function isTlsFailure(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.test(error.code)
}
