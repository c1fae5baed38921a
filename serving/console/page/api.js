const keyName = 'millrace-api-key'

/** An answer that is no success, or none at all (`status` 0). `message` is for people. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
  }
}

export function keepKey(key) {
  sessionStorage.setItem(keyName, key)
}

/** GETs a path with a query; undefined parameters are left out. Throws an `ApiError`. */
export function read(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given).toString()
  return request(search === '' ? path : `${path}?${search}`, {})
}

/** Sends one interaction; resolves with the answer once it is durable. */
export function record(interaction) {
  return request('v1/interactions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(interaction),
  })
}

/** A path of the API with an id in it, whatever characters it has. */
export function path(before, id, after) {
  return `${before}/${encodeURIComponent(id)}/${after}`
}

async function request(url, options) {
  const key = sessionStorage.getItem(keyName)
  const headers = { ...options.headers, ...(key === null ? {} : { 'x-api-key': key }) }
  const answer = await reach(url, { ...options, headers })
  const body = await answer.json().catch(() => ({}))
  if (answer.ok) return body
  throw new ApiError(answer.status, body.code ?? 'unknown', body.detail ?? body.title ?? `HTTP ${answer.status}`)
}

async function reach(url, options) {
  try {
    return await fetch(url, options)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ApiError(0, 'unreachable', 'Millrace cannot be reached.')
  }
}
