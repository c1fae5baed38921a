import { isIP } from 'node:net'
import { MillraceError } from '#schemas/errors.ts'

const named = new Set(['loopback', 'linklocal', 'uniquelocal'])

/** As Fastify wants them; undefined for none. Throws `configuration-invalid` on what is no address, network or known name. */
export function trustedProxies(entries: readonly string[]): string[] | undefined {
  for (const entry of entries) {
    if (!named.has(entry) && !isNetwork(entry)) {
      throw new MillraceError('configuration-invalid', `trustedProxies: ${entry} is neither an address nor a network`, {
        facts: { key: 'trustedProxies', entry },
      })
    }
  }
  return entries.length === 0 ? undefined : [...entries]
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
