import { MillraceError } from '#schemas/errors.ts'

export interface MlflowServer {
  /** Such as `http://127.0.0.1:5000`; a user and a password in it are sent as basic authentication. */
  readonly url: string
  /** Of one request. */
  readonly timeoutMs: number
}

/** An answer of the server that is not what was asked for. */
export interface MlflowRefusal {
  readonly error_code: string
}

/**
 * One call of MLflow's REST API, version 2.0. `missing` is answered for what does not exist; throws `store-failed` for
 * everything else that is no answer, retriable unless the request itself was at fault.
 */
export async function callMlflow<T extends object>(
  server: MlflowServer,
  method: 'GET' | 'POST',
  path: string,
  input: Readonly<Record<string, unknown>>,
): Promise<T | 'missing'> {
  const { address, headers } = addressOf(server, path)
  if (method === 'GET') for (const [name, value] of Object.entries(input)) address.searchParams.set(name, String(value))
  const answer = await reach(server, address, {
    method,
    headers: { ...headers, ...(method === 'POST' && { 'content-type': 'application/json' }) },
    ...(method === 'POST' && { body: JSON.stringify(input) }),
    signal: AbortSignal.timeout(server.timeoutMs),
  })
  const text = await answer.text()
  if (answer.ok) {
    const said: T = parsed(address, text)
    return said
  }
  const refusal: Partial<MlflowRefusal> = answer.status === 404 ? parsed(address, text) : {}
  if (refusal.error_code === 'RESOURCE_DOES_NOT_EXIST') return 'missing'
  throw new MillraceError(
    'store-failed',
    `MLflow at ${address.origin} answered ${answer.status} to ${path}: ${text.slice(0, 300)}`,
    {
      retriable: answer.status >= 500 || answer.status === 429,
      facts: { status: answer.status, path },
    },
  )
}

/** fetch takes no address with a password in it. */
function addressOf({ url }: MlflowServer, path: string): { address: URL; headers: Record<string, string> } {
  const address = new URL(`api/2.0/mlflow/${path}`, url.endsWith('/') ? url : `${url}/`)
  const { username, password } = address
  address.username = ''
  address.password = ''
  if (username === '') return { address, headers: {} }
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { address, headers: { authorization: `Basic ${login}` } }
}

async function reach({ timeoutMs }: MlflowServer, address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request)
  } catch (cause) {
    const what =
      cause instanceof Error && cause.name === 'TimeoutError'
        ? `did not answer in ${timeoutMs} ms`
        : 'cannot be reached'
    throw new MillraceError('store-failed', `MLflow at ${address.origin} ${what}`, { retriable: true, cause })
  }
}

function parsed(address: URL, text: string) {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MillraceError('store-failed', `${address.origin} does not answer as an MLflow server`, { cause })
  }
}
