export type AttributeValue = string | number | boolean

/** A catalogue item as apps describe it. Absent is null. */
export interface Item {
  readonly title: string
  readonly description: string | null
  readonly categories: readonly string[]
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly price: number | null
  readonly currency: string | null
  readonly available: boolean
  /** Epoch milliseconds. */
  readonly publishedAt: number | null
  readonly imageUrl: string | null
  /** A vector of the app's own, compared with those of the same name and length only. */
  readonly embedding: readonly number[] | null
  /** Null without an embedding, and for one of the space that has no name of its own. */
  readonly embeddingName: string | null
}

interface ItemEnvelope {
  readonly id: string
  readonly itemId: string
  readonly occurredAt: number
  readonly acceptedAt: number
  readonly source: string | null
  readonly sequence: number | null
}

export type ItemsEvent =
  | (ItemEnvelope & { readonly type: 'upsert'; readonly item: Item })
  | (ItemEnvelope & { readonly type: 'delete' })

/** What a user said about themselves, or the app knows. */
export interface Profile {
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** Categories the user declared an interest in. */
  readonly interests: readonly string[]
}

interface ProfileEnvelope {
  readonly id: string
  readonly userId: string
  readonly occurredAt: number
  readonly acceptedAt: number
}

export type ProfilesEvent =
  | (ProfileEnvelope & { readonly type: 'upsert'; readonly profile: Profile })
  | (ProfileEnvelope & { readonly type: 'delete' })
