export interface Command {
  readonly command: string
  readonly args: readonly string[]
}

/**
 * The command with threads whose sleeps may end up to so many nanoseconds late, where the system lets it (Linux: 50,000
 * otherwise). The process has the pid of the one that is started.
 */
export function withTimerSlack({ command, args }: Command, nanoseconds: number): Command {
  if (process.platform !== 'linux') return { command, args }
  const script = `{ echo ${nanoseconds} > /proc/self/timerslack_ns; } 2> /dev/null; exec "$0" "$@"`
  return { command: '/bin/sh', args: ['-c', script, command, ...args] }
}
