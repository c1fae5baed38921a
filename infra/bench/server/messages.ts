import type { Config } from '../../app/config-keys.ts'

/** What a measured process is asked. */
export type Ask =
  | { readonly type: 'start'; readonly config: Partial<Config> }
  | { readonly type: 'start-bare'; readonly answers: readonly string[] }
  | { readonly type: 'start-gateway'; readonly urls: readonly string[] }
  | { readonly type: 'state' }
  | { readonly type: 'caught-up' }
  | { readonly type: 'stop' }

/** What it says; every question has one answer, in the order asked. */
export type Said =
  | { readonly type: 'listening'; readonly url: string }
  | ({ readonly type: 'state' } & ServerState)
  | { readonly type: 'caught-up' }

export interface ServerState {
  readonly rssBytes: number
  readonly heapBytes: number
  /** Processor time of all its threads so far. */
  readonly cpuSeconds: number
  /** Interactions on the log, and how many of them are folded. */
  readonly accepted: number
  readonly folded: number
}
