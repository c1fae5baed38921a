import type { Command } from 'commander'
import { MillraceError } from '#schemas/errors.ts'

export interface RemoteFlags {
  readonly to?: string
  readonly apiKey?: string
}

/** Adds what a command needs to speak to a running Millrace instead of opening its folder. */
export function remoteOptions(command: Command): Command {
  return command
    .option('--to <url>', 'ask a running Millrace instead of opening a data folder')
    .option('--api-key <key>', 'API key for --to (default: MILLRACE_API_KEY)')
}

/** One request to a running Millrace. Throws `overloaded` when it cannot be reached, else what its problem details say. */
export async function remote<T>(
  flags: RemoteFlags,
  method: 'GET' | 'POST',
  path: string,
  body: object = {},
): Promise<T> {
  const key = flags.apiKey ?? process.env['MILLRACE_API_KEY']
  const address = new URL(path, flags.to)
  const json = method === 'POST' ? { 'content-type': 'application/json' } : {}
  const headers = { ...json, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) }
  const answer = await reach(address, { method, headers, ...(method === 'POST' && { body: JSON.stringify(body) }) })
  const said: T & { readonly detail?: string; readonly title?: string } = await answer.json()
  if (answer.ok) return said
  throw new MillraceError(
    'invalid-input',
    `${address.origin} answered ${answer.status}: ${said.detail ?? said.title ?? ''}`,
  )
}

async function reach(address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request)
  } catch (error) {
    throw new MillraceError('overloaded', `${address.origin} cannot be reached`, { retriable: true, cause: error })
  }
}
