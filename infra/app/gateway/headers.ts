import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import type { Headers } from './exchange.ts'

export const requestIdHeader = 'x-request-id'

/** What belongs to one connection (RFC 9110, section 7.6.1), or is made anew for the next. */
const ofOneConnection = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What servers count requests by; `Forwarded` says more and is understood by fewer. */
const addressesHeader = 'x-forwarded-for'

/** The headers of a client's request as an instance gets them, with who asked (`Forwarded`, RFC 7239) and the request's id. */
export function forwardedHeaders(request: IncomingMessage, requestId: string): Headers {
  const headers = endToEnd(request.headers)
  const before = headers['forwarded']
  const hop = `for=${node(request.socket.remoteAddress)};host=${quoted(request.headers.host ?? '')};proto=http`
  headers['forwarded'] = before === undefined ? hop : `${String(before)}, ${hop}`
  const addresses = [headers[addressesHeader], request.socket.remoteAddress].flat().filter((address) => address)
  headers[addressesHeader] = addresses.join(', ')
  headers[requestIdHeader] = requestId
  return headers
}

/** Of those, who asks: nothing about the body. */
export function keyHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    aboutTheCaller.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  )
}

const aboutTheCaller = [
  'authorization',
  'x-api-key',
  'forwarded',
  addressesHeader,
  requestIdHeader,
  'user-agent',
  'accept-language',
]

/** Without what belongs to one connection, and without what `Connection` names. */
export function endToEnd(headers: IncomingHttpHeaders): Headers {
  const named = headers.connection?.toLowerCase().split(/ *, */) ?? []
  const kept: Headers = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!ofOneConnection.has(name) && !named.includes(name)) kept[name] = value
  }
  return kept
}

/** The client's own id for its request, where it has a sensible one. */
export function requestIdOf(headers: IncomingHttpHeaders, made: string): string {
  const given = headers[requestIdHeader]
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : made
}

function node(address = 'unknown'): string {
  return isIPv6(address) ? `"[${address}]"` : address
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
