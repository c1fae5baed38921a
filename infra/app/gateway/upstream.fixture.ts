import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { prometheusMetrics, type PrometheusMetrics } from '#infra/prometheus/metrics.ts'
import { startGateway, type Gateway, type GatewayOptions } from './gateway.ts'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** What an upstream does with a request, once it has read it. */
export type Behaviour = (seen: Seen, response: ServerResponse) => void

export interface Upstream {
  readonly url: string
  readonly port: number
  /** Requests so far, without those for its health. */
  readonly seen: readonly Seen[]
  /** Requests whose connection the other side closed before they were answered. */
  readonly abandoned: () => number
  behave(behaviour: Behaviour): void
  /** What it says to whether it is ready; `undefined`: nothing at all. */
  isReady(ready: boolean | undefined): void
  /** As kill -9: connections are reset, new ones refused. */
  kill(): Promise<void>
  /** On the same port. */
  restart(): Promise<void>
}

/** Answers 200 with its name and what it was asked. */
export function echo(name: string): Behaviour {
  return ({ method, url, body }, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name, method, url, bytes: body.length }))
  }
}

/** A real HTTP server that stands for an instance. */
export async function upstream(name = 'upstream', host = '127.0.0.1', wanted = 0): Promise<Upstream> {
  const seen: Seen[] = []
  let behaviour = echo(name)
  let ready: boolean | undefined = true
  let port = wanted
  let abandoned = 0
  let server: Server

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/health/ready') {
      if (ready !== undefined) response.writeHead(ready ? 200 : 503).end('{}')
      return
    }
    const { method = '', url = '', headers } = request
    response.on('close', () => {
      if (!response.writableEnded) abandoned++
    })
    buffer(request).then(
      (body) => {
        const all = { method, url, headers, body }
        seen.push(all)
        behaviour(all, response)
      },
      () => response.destroy(),
    )
  }

  async function restart(): Promise<void> {
    server = createServer(answer)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    port = address.port
  }

  async function kill(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }

  await restart()
  onTestFinished(kill)
  return {
    get url() {
      return `http://${host}:${port}`
    },
    get port() {
      return port
    },
    seen,
    abandoned: () => abandoned,
    behave(next) {
      behaviour = next
    },
    isReady(next) {
      ready = next
    },
    kill,
    restart,
  }
}

export interface GatewayUnderTest extends Gateway {
  readonly metrics: PrometheusMetrics
}

/** A gateway that asks its instances every 50 ms, in front of the given ones. */
export async function gateway(
  serve: readonly Upstream[],
  ingest: readonly Upstream[] = [],
  options: Partial<GatewayOptions> = {},
): Promise<GatewayUnderTest> {
  const metrics = prometheusMetrics({ process: false })
  const started = await startGateway({
    ingestUrls: ingest.map(({ url }) => url),
    serveUrls: serve.map(({ url }) => url),
    trainUrls: [],
    host: '127.0.0.1',
    port: 0,
    metrics,
    renderMetrics: async () => (await metrics.render()).body,
    report: () => {},
    ...options,
    limits: { checkMs: 50, readTryMs: 5_000, lookupMs: 50, ...options.limits },
  })
  onTestFinished(() => started.stop())
  return { ...started, metrics }
}

/** Resolves once the metric has the value. */
export async function sample(metrics: PrometheusMetrics, name: string): Promise<string | undefined> {
  const { body } = await metrics.render()
  return body
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1)
}
