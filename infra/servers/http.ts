import { MillraceError } from '#schemas/errors.ts'

const timeoutMs = 5000

/** Throws unless the server answers with success within 5 s. */
export async function askHttp(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
  await answer.arrayBuffer()
  if (!answer.ok) throw new MillraceError('server-failed', `${url} answers ${answer.status}`, { retriable: true })
}
