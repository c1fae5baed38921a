import { parentPort, workerData } from 'node:worker_threads'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadOptions, LoadReport } from './http-load.ts'
import { rawConnection, requestBytes, type RawConnection } from './raw-connection.ts'

const options: LoadOptions = workerData
parentPort?.postMessage(await run(options))

async function run({ url, requests, connections, perSecond, ...given }: LoadOptions): Promise<LoadReport> {
  const { warmUp = 0, maxSeconds = 60, keepBodies = 0 } = given
  const bytes = requests.map(({ method, path, body }) => requestBytes(method, path, body))
  const open = await Promise.all(Array.from({ length: connections }, () => rawConnection(url)))
  const milliseconds: number[] = []
  const statuses: Record<number, number> = {}
  const bodies: string[] = []
  const began = performance.now()
  let next = 0
  let from = began
  let to = began

  async function use(connection: RawConnection): Promise<void> {
    while (next < bytes.length && performance.now() - began < maxSeconds * 1000) {
      const at = next++
      const due = perSecond === undefined ? performance.now() : began + (at / perSecond) * 1000
      const early = due - performance.now()
      if (early > 0) await sleep(early)
      if (at === warmUp) from = performance.now()
      const { status, body } = await connection.send(bytes[at]!)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (at < warmUp) continue
      to = performance.now()
      milliseconds.push(to - due)
      if (bodies.length < keepBodies) bodies.push(body.toString())
    }
  }

  await Promise.all(open.map(use))
  for (const connection of open) connection.close()
  return {
    answered: milliseconds.length,
    seconds: (to - from) / 1000,
    milliseconds: Float64Array.from(milliseconds),
    statuses,
    bodies,
  }
}
