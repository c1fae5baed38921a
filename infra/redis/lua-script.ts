import { createHash } from 'node:crypto'

/** A script and the name Redis keeps it under. */
export interface LuaScript {
  readonly text: string
  readonly sha1: string
}

export function luaScript(text: string): LuaScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}
