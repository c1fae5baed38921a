import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TrackedRun } from '#schemas/ports/experiment-tracker.ts'
import { mlflowExperimentTracker } from './experiment-tracker.ts'

const run: TrackedRun = {
  experiment: 'films',
  name: 'trial 0',
  startedAt: 1,
  endedAt: 2,
  parameters: {},
  metrics: {},
}

/** A server that answers every request alike; where it is. */
async function answering(answer: (response: ServerResponse, headers: IncomingHttpHeaders) => void): Promise<string> {
  const server = createServer((request, response) => answer(response, request.headers))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

describe('The tracker of an MLflow server', () => {
  it('that cannot be reached, breaks down or is something else says so', async () => {
    const failure = (url: string, timeoutMs = 60_000) =>
      mlflowExperimentTracker({ url, timeoutMs })
        .record(run)
        .catch((error: unknown) => error)
    const closed = 'http://127.0.0.1:1'
    expect(await failure(closed)).toMatchObject({ code: 'store-failed', retriable: true })
    const broken = await answering((response) => response.writeHead(500).end('oops'))
    expect(await failure(broken)).toMatchObject({ code: 'store-failed', retriable: true, facts: { status: 500 } })
    const refusing = await answering((response) => response.writeHead(401).end('who are you?'))
    expect(await failure(refusing)).toMatchObject({ code: 'store-failed', retriable: false, facts: { status: 401 } })
    const page = await answering((response) => response.writeHead(200).end('<html>'))
    expect(await failure(page)).toMatchObject({
      message: expect.stringContaining('does not answer as an MLflow server'),
    })
    const silent = await answering(() => undefined)
    expect(await failure(silent, 50)).toMatchObject({ code: 'store-failed', retriable: true })
  })

  it('sends the login of its address, and never as a part of it', async () => {
    const seen: (string | undefined)[] = []
    const url = await answering((response, { authorization }) => {
      seen.push(authorization)
      response.end('{"experiment":{"experiment_id":"1"},"run":{"info":{"run_id":"r"}}}')
    })
    await mlflowExperimentTracker({ url: url.replace('//', '//ada:p%40ss@') }).record(run)
    expect(new Set(seen)).toEqual(new Set([`Basic ${btoa('ada:p@ss')}`]))
  })

  it('needs a URL', () => {
    expect(() => mlflowExperimentTracker({ url: 'mlflow' })).toThrow('must be a URL')
  })
})
