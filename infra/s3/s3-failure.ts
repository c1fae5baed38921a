import { MillraceError } from '#schemas/errors.ts'

/** A failed call of an S3-compatible store as `store-failed`, `store-full` or `configuration-invalid`. */
export function s3Failure(bucket: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause
  const name = nameOf(cause)
  const status = statusOf(cause)
  const why = cause instanceof Error && cause.message !== '' ? `${name}: ${cause.message}` : name
  const options = { cause, facts: { bucket, name, status } }
  if (status === 507 || full.has(name)) {
    return new MillraceError('store-full', `the bucket ${bucket} has no room left: ${why}`, {
      ...options,
      retriable: true,
    })
  }
  if (status === 401 || status === 403 || misconfigured.has(name)) {
    return new MillraceError('configuration-invalid', `the bucket ${bucket} cannot be used: ${why}`, options)
  }
  // Without a status no answer came: the connection failed or timed out.
  const retriable = status === undefined || status >= 500 || status === 408 || status === 429 || status === 409
  return new MillraceError('store-failed', `the bucket ${bucket} did not do as asked: ${why}`, {
    ...options,
    retriable,
  })
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error)
}

/** Of the answer, where one came. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}

const full = new Set(['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'InsufficientStorage'])
const misconfigured = new Set([
  'NoSuchBucket',
  'InvalidBucketName',
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
])
