import { connect } from 'node:net'

const timeoutMs = 2_000

/** Whether something accepts connections there. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (accepted: boolean) => () => {
      socket.destroy()
      resolve(accepted)
    }
    socket.setTimeout(timeoutMs, end(false))
    socket.once('connect', end(true)).once('error', end(false))
  })
}

/** Whether the role there says it is ready. */
export async function saysReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false
  }
}
