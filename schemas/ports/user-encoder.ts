/** How a model trained elsewhere takes a history, and what it answers. */
export interface EncoderSpec {
  /** Name of the input. */
  readonly input: string
  /**
   * `bag`: float32 [1, items], the weight of each item of the history, as a two-tower model's user tower takes it.
   * `sequence`: int64 [1, length], the rows of the last items, oldest first; places before the first hold `items`, one
   * beyond the last row.
   */
  readonly kind: 'bag' | 'sequence'
  /** Places of a sequence. */
  readonly length: number
  /** Name of the output, float32 [1, k]: the user's vector, to be multiplied with those of items. */
  readonly output: string
  readonly items: number
  readonly k: number
}

/** One item of a history: its row among the model's items, and its signed weight. */
export interface EncodedItem {
  readonly row: number
  readonly weight: number
}

/** The user's side of a model trained elsewhere. */
export interface UserEncoder {
  /** The vector of a user from the items of their history, oldest first. Rejects with `broken-invariant` where the model does not keep to its spec. */
  encode(history: readonly EncodedItem[]): Promise<Float32Array>
  close(): Promise<void>
}

/** Rejects with `tool-missing` where what runs such models is not installed, with `format-unsupported` for bytes it cannot read. */
export type OpenUserEncoder = (bytes: Uint8Array, spec: EncoderSpec) => Promise<UserEncoder>
