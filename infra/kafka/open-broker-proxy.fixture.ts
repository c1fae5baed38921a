import { connect, createServer, type Socket } from 'node:net'

export interface BrokerProxy {
  /** `host:port`; the broker's own address in its answers is replaced by this one. */
  readonly address: string
  /** Answers to requests of these API keys are withheld and their connection is cut; `times` of them. */
  cutAnswers(apiKey: number, times?: number): void
  /** Nothing more comes through on connections that have carried requests of this API key; they stay open. New ones work. */
  stall(apiKey: number): void
  /** Closes every connection and refuses new ones, until `restore`. */
  cut(): void
  restore(): void
  /** Requests of this API key seen so far. */
  requests(apiKey: number): number
  close(): Promise<void>
}

/** API keys of the Kafka protocol. */
export const apiKeys = { produce: 0, fetch: 1, joinGroup: 11, heartbeat: 12 } as const

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** API keys of requests under way, by correlation id. */
  readonly pending: Map<number, number>
  readonly seen: Set<number>
  isStalled: boolean
}

/** A TCP proxy before one broker that knows frames from one another. */
export async function openBrokerProxy(broker: string): Promise<BrokerProxy> {
  const [host = '', portText = ''] = broker.split(':')
  const links = new Set<Link>()
  const counts = new Map<number, number>()
  const cuts = new Map<number, number>()
  let isCut = false

  function toServer(link: Link, frame: Buffer): void {
    const apiKey = frame.readInt16BE(4)
    link.pending.set(frame.readInt32BE(8), apiKey)
    link.seen.add(apiKey)
    counts.set(apiKey, (counts.get(apiKey) ?? 0) + 1)
    if (!link.isStalled) link.server.write(frame)
  }

  function toClient(link: Link, frame: Buffer): void {
    const correlation = frame.readInt32BE(4)
    const apiKey = link.pending.get(correlation) ?? -1
    link.pending.delete(correlation)
    const left = cuts.get(apiKey) ?? 0
    if (left > 0) {
      cuts.set(apiKey, left - 1)
      end(link)
    } else if (!link.isStalled) link.client.write(replaced(frame, advertised, ours))
  }

  function end(link: Link): void {
    links.delete(link)
    link.client.destroy()
    link.server.destroy()
  }

  const server = createServer((client) => {
    if (isCut) {
      client.destroy()
      return
    }
    const link: Link = {
      client,
      server: connect({ host, port: Number(portText) }),
      pending: new Map(),
      seen: new Set(),
      isStalled: false,
    }
    links.add(link)
    for (const socket of [client, link.server]) {
      socket.setNoDelay(true)
      socket.on('close', () => end(link))
      socket.on('error', () => end(link))
    }
    client.on(
      'data',
      frames((frame) => toServer(link, frame)),
    )
    link.server.on(
      'data',
      frames((frame) => toClient(link, frame)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const advertised = addressBytes(host, Number(portText))
  const ours = addressBytes(host, port)
  return {
    address: `${host}:${port}`,
    cutAnswers: (apiKey, times = 1) => void cuts.set(apiKey, times),
    stall(apiKey) {
      for (const link of links) if (link.seen.has(apiKey)) link.isStalled = true
    },
    cut() {
      isCut = true
      for (const link of links) end(link)
    },
    restore: () => void (isCut = false),
    requests: (apiKey) => counts.get(apiKey) ?? 0,
    async close() {
      for (const link of links) end(link)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

/** Host and port as every version of the protocol writes them one after the other. */
function addressBytes(host: string, port: number): Buffer {
  const bytes = Buffer.alloc(host.length + 4)
  bytes.write(host, 'latin1')
  bytes.writeInt32BE(port, host.length)
  return bytes
}

function replaced(frame: Buffer, from: Buffer, to: Buffer): Buffer {
  for (let at = frame.indexOf(from); at !== -1; at = frame.indexOf(from, at + 1)) to.copy(frame, at)
  return frame
}

/** Cuts a stream into whole frames, each with its length. */
function frames(take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0)
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const size = 4 + held.readInt32BE(0)
      take(Buffer.from(held.subarray(0, size)))
      held = held.subarray(size)
    }
  }
}
