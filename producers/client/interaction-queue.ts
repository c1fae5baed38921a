import { MillraceClientError } from './client-error.ts'
import type { Answer, HttpRequests } from './http-requests.ts'
import type { Acknowledgement, Interaction } from './recommendation-service.ts'

export interface QueueOptions {
  /** Interactions in a request. Default 100. */
  readonly batchSize: number
  /** How long an interaction waits for others, ms. Default 200. */
  readonly flushIntervalMs: number
  /** Interactions not yet answered for; one more is refused. Default 10,000. */
  readonly maxQueue: number
  /** Retries of a write, over two minutes with the default 8. */
  readonly retries: number
}

export interface InteractionQueue {
  record(interaction: Interaction): Promise<Acknowledgement>
  /** Sends what waits without waiting for more; resolves once everything recorded so far is settled. */
  flush(): Promise<void>
  /** The page may be going: sends a copy of what is unanswered, under the same ids, by a request that outlives it. */
  readonly sendCopy: () => void
}

interface Waiting {
  readonly json: string
  readonly bytes: number
  readonly settled: Promise<Acknowledgement>
  readonly resolve: (acknowledgement: Acknowledgement) => void
  readonly reject: (error: unknown) => void
}

interface Rejection {
  readonly index: number
  readonly code: string
  readonly field: string
  readonly message: string
}

interface Accepted extends Acknowledgement {
  readonly rejected: readonly Rejection[]
}

const largestBatchBytes = 1_000_000
/** Browsers let requests that outlive their page carry 64 KiB in all. */
const largestCopyBytes = 60_000

/** Interactions in order: one request is under way at a time, and it is over before the next one begins. */
export function interactionQueue(http: HttpRequests, options: QueueOptions): InteractionQueue {
  /** Unanswered, oldest first, those under way included. */
  let waiting: Waiting[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let sending = false

  return {
    async record(interaction) {
      if (waiting.length >= options.maxQueue) throw new MillraceClientError('queue-full', 'Too much is unanswered')
      const entry = waitingOf(interaction)
      waiting.push(entry)
      if (waiting.length >= options.batchSize) send()
      else timer ??= setTimeout(send, options.flushIntervalMs)
      return entry.settled
    },
    async flush() {
      send()
      await Promise.allSettled(waiting.map((entry) => entry.settled))
    },
    sendCopy() {
      const copied = fitting(waiting, Infinity, largestCopyBytes)
      if (copied.length > 0) http.beacon(requestOf(copied))
    },
  }

  function send(): void {
    clearTimeout(timer)
    timer = undefined
    if (!sending) void sendAll()
  }

  /** Never rejects: what goes wrong is told to the interactions. */
  async function sendAll(): Promise<void> {
    sending = true
    while (waiting.length > 0) {
      const batch = fitting(waiting, options.batchSize, largestBatchBytes)
      await sendBatch(batch)
      waiting = waiting.slice(batch.length)
    }
    sending = false
  }

  async function sendBatch(batch: readonly Waiting[]): Promise<void> {
    /** A 202 that accounts for every interaction: nothing less acknowledges any. */
    const accountsForAll = (body: Answer, status: number): body is Answer & Accepted =>
      status === 202 &&
      typeof body['position'] === 'string' &&
      Number(body['accepted']) + Number(body['duplicates']) + rejectionsIn(body).length === batch.length
    try {
      const answer = await http.request(requestOf(batch), options.retries, accountsForAll)
      rejectEach(batch, answer.rejected)
      for (const entry of batch) entry.resolve({ position: answer.position })
    } catch (error) {
      if (error instanceof MillraceClientError) rejectEach(batch, rejectionsIn(error.problem ?? {}))
      for (const entry of batch) entry.reject(error)
    }
  }
}

/** What is settled first stays: these keep their own reason whatever is told to the whole batch after. */
function rejectEach(batch: readonly Waiting[], rejections: readonly Rejection[]): void {
  for (const { index, code, field, message } of rejections) {
    batch[index]?.reject(new MillraceClientError(code, message, { field, reason: message }))
  }
}

function rejectionsIn(body: { readonly rejected?: unknown }): readonly Rejection[] {
  return Array.isArray(body.rejected) ? body.rejected : []
}

/** The bytes are fixed here, with id and time: every retry is the same event. */
function waitingOf(interaction: Interaction): Waiting {
  const json = JSON.stringify({
    ...interaction,
    id: interaction.id ?? newId(),
    occurredAt: interaction.occurredAt ?? Date.now(),
  })
  let resolve!: Waiting['resolve']
  let reject!: Waiting['reject']
  const settled = new Promise<Acknowledgement>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { json, bytes: new TextEncoder().encode(json).length + 1, settled, resolve, reject }
}

/** As many of the first as fit into one request, but at least one. */
function fitting(entries: readonly Waiting[], most: number, mostBytes: number): readonly Waiting[] {
  let bytes = 0
  const end = entries.findIndex((entry, at) => (bytes += entry.bytes) > mostBytes || at === most)
  return end === -1 ? entries.slice() : entries.slice(0, Math.max(1, end))
}

function requestOf(entries: readonly Waiting[]) {
  return { path: '/v1/interactions', body: `[${entries.map((entry) => entry.json).join(',')}]` }
}

/** `randomUUID` exists in secure contexts only, `getRandomValues` everywhere. */
function newId(): string {
  const maybeSecure: { randomUUID?: () => string } = crypto
  return maybeSecure.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-')
}
