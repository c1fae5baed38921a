import { BlockList, isIP } from 'node:net'
import { MillraceError } from '#schemas/errors.ts'

/** Refuses to listen beyond this machine until API keys are set: throws `configuration-invalid`. */
export function assertHostAllowed(host: string, apiKeys: readonly string[]): void {
  if (apiKeys.length > 0 || isLoopback(host)) return
  throw new MillraceError(
    'configuration-invalid',
    `Listening on ${host} is refused without API keys. Set MILLRACE_API_KEYS, or listen on 127.0.0.1.`,
    { facts: { host } },
  )
}

/** Only `localhost` and addresses are known to stay on this machine; any other name may resolve to anything. */
export function isLoopback(host: string): boolean {
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (address.toLowerCase() === 'localhost') return true
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
