import type { ServerName } from './plan.ts'

/** One process of the cluster, as the supervisor deals with it. */
export interface Member {
  readonly name: string
  readonly kind: 'server' | 'role'
  /** `127.0.0.1:port` of a server, `http://127.0.0.1:port` of a role. */
  readonly endpoint: string
  readonly log: string
  /** What it was started with; it is started anew when this changes. */
  readonly fingerprint: string
  /** Members of a lower wave are ready before it first starts; the highest is stopped first. */
  readonly wave: number
  /** Given to end by itself before it is killed. */
  readonly graceMs: number
  /** Whether it answers as ready; false after two seconds. */
  answers(): Promise<boolean>
  /** Undefined for a container, which its engine starts, restarts and stops. */
  readonly start: Start | undefined
}

export interface StartListener {
  /** Called at once, before anything can be awaited. */
  readonly pid: (pid: number) => void
  readonly ended: (how: string) => void
}

/** Starts the process so that it outlives this one. Rejects when it cannot be started or ended before it was ready. */
export type Start = (listener: StartListener) => Promise<void>

export function isServer(name: string): name is ServerName {
  return name === 'kafka' || name === 'cassandra' || name === 'redis'
}
