/** What is used of a control connection; not part of the driver's public interface. */
interface ControlConnection {
  _refresh: (hosts?: unknown) => Promise<unknown>
  readonly connection: unknown
  readonly _isShuttingDown: boolean
}

const againAfterMs = 1_000

/**
 * cassandra-driver 4.10 begins to refresh its control connection anew while it still does when the new one breaks as well. The
 * refresh that is overtaken then finds neither host nor connection, rejects where nobody listens, and the process ends. Here it
 * ends quietly, and another one is begun where the one that overtook it has not connected either.
 */
export function survivesOvertakenRefresh(client: object): void {
  const found: unknown = Reflect.get(client, 'controlConnection')
  if (!isControlConnection(found)) return
  const control = found
  const refresh = control._refresh.bind(control)

  async function refreshed(hosts?: unknown): Promise<void> {
    try {
      await refresh(hosts)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      setTimeout(() => {
        if (isLost(control)) void refreshed()
      }, againAfterMs).unref()
    }
  }

  control._refresh = refreshed
}

function isLost({ connection, _isShuttingDown }: ControlConnection): boolean {
  return connection === null && !_isShuttingDown
}

function isControlConnection(value: unknown): value is ControlConnection {
  return typeof value === 'object' && value !== null && '_refresh' in value && typeof value._refresh === 'function'
}
