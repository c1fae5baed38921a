import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { MillraceError } from '#schemas/errors.ts'

/** One host and port that an instance may listen on. */
export interface Address {
  /** `http://10.0.0.5:8080`: also what tells instances apart. */
  readonly origin: string
  /** The name in its certificate, where it was found by one. */
  readonly serverName?: string
}

/** Every address that a host name has. */
export type Lookup = (hostname: string) => Promise<readonly string[]>

export const systemLookup: Lookup = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address)

/** Throws `configuration-invalid` unless it is `http://` or `https://` and a host. */
export function instanceUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new MillraceError('configuration-invalid', `${text} is not the address of an instance, as http://host:8080`)
  }
  return url
}

/** A host name stands for all its A and AAAA records, an IP address for itself. */
export async function addressesOf(url: URL, lookup: Lookup): Promise<readonly Address[]> {
  const { protocol, hostname } = url
  const port = url.port === '' ? '' : `:${url.port}`
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return [{ origin: `${protocol}//${hostname}${port}` }]
  return (await lookup(hostname)).map((address) => ({
    origin: `${protocol}//${isIP(address) === 6 ? `[${address}]` : address}${port}`,
    serverName: hostname,
  }))
}
