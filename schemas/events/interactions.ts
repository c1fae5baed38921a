/** What every event on a source topic carries. Times are epoch milliseconds; absent is null. */
export interface EventEnvelope {
  /** The client's idempotency key, else made at ingest: 1 to 256 bytes. */
  readonly id: string
  readonly userId: string
  /** The client's clock. */
  readonly occurredAt: number
  /** The ingest service's clock. */
  readonly acceptedAt: number
}

export interface Attribution {
  readonly requestId: string
  readonly position: number
}

/** Something a user did with an item. */
export interface Interaction extends EventEnvelope {
  readonly type: 'interaction'
  /** One of the configured interaction types: view, click, like, … */
  readonly action: string
  readonly itemId: string
  readonly value: number | null
  readonly sessionId: string | null
  readonly context: Readonly<Record<string, string>> | null
  readonly attribution: Attribution | null
  /** Digest of the imported file and its mapping; with `sequence`, the line, it identifies an imported event for ever. */
  readonly source: string | null
  readonly sequence: number | null
  /** A rejected import line that was corrected and sent again under its old source and sequence. */
  readonly mended: boolean
}

/** What an interaction need not say, unsaid. */
export const unsaid = {
  value: null,
  sessionId: null,
  context: null,
  attribution: null,
  source: null,
  sequence: null,
  mended: false,
} as const satisfies Partial<Interaction>

/** Forget this user. */
export interface Erase extends EventEnvelope {
  readonly type: 'erase'
}

/** One interaction of a guest as an `adopt` carries it. */
export interface AdoptedInteraction {
  readonly id: string
  readonly itemId: string
  readonly action: string
  readonly value: number | null
  readonly occurredAt: number
  readonly acceptedAt: number
  /** Offset on the guest's own partition: adopted at most once for each guest. */
  readonly guestOffset: number
}

/** A guest turns out to be this user: the guest's history becomes this user's. */
export interface Adopt extends EventEnvelope {
  readonly type: 'adopt'
  readonly guestId: string
  /** Offset of the adopting user's head when this event was built, -1 without one: an adopt built before an erase is refused. */
  readonly basedOn: number
  readonly history: readonly AdoptedInteraction[]
}

export type InteractionsEvent = Interaction | Erase | Adopt

/** The time a fold uses: a client's clock may lag, but cannot run ahead of the moment its event was accepted. */
export function eventTime(event: { readonly occurredAt: number; readonly acceptedAt: number }): number {
  return event.occurredAt < event.acceptedAt ? event.occurredAt : event.acceptedAt
}
