import { Client } from 'cassandra-driver'
import { describe, expect, it, vi } from 'vitest'
import { survivesOvertakenRefresh } from './overtaken-refresh.ts'

/** A client whose control connection refreshes like this. */
function clientWith(refresh: (hosts?: unknown) => Promise<void>) {
  const control = { _refresh: refresh, connection: null as object | null, _isShuttingDown: false }
  return { client: { controlConnection: control }, control }
}

describe('A refresh of the control connection', () => {
  it('of the driver can be overtaken: it is there to be guarded', () => {
    const client = new Client({ contactPoints: ['127.0.0.1'], localDataCenter: 'dc' })
    const before: unknown = Reflect.get(Reflect.get(client, 'controlConnection'), '_refresh')
    survivesOvertakenRefresh(client)
    expect(before).toBeTypeOf('function')
    expect(Reflect.get(Reflect.get(client, 'controlConnection'), '_refresh')).not.toBe(before)
  })

  it('that finds no host ends quietly, and is begun again while there is no connection', async () => {
    vi.useFakeTimers()
    try {
      const failing = vi.fn<() => Promise<void>>().mockRejectedValue(new TypeError('host is null'))
      const { client, control } = clientWith(failing)
      survivesOvertakenRefresh(client)
      await control._refresh()
      await vi.advanceTimersByTimeAsync(1_000)
      expect(failing).toHaveBeenCalledTimes(2)
      control.connection = {}
      await vi.advanceTimersByTimeAsync(5_000)
      expect(failing).toHaveBeenCalledTimes(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('that fails otherwise fails as before', async () => {
    const { client, control } = clientWith(() => Promise.reject(new RangeError('no')))
    survivesOvertakenRefresh(client)
    await expect(control._refresh()).rejects.toThrow('no')
  })
})
