/** Immutable bytes named by their SHA-256 (hex). */
export interface BlobStore {
  /** Durable when it resolves; the same bytes give the same digest. */
  put(bytes: Uint8Array): Promise<string>
  /** Undefined when unknown; throws `store-failed` when what is stored no longer has its digest. */
  get(digest: string): Promise<Uint8Array | undefined>
  delete(digest: string): Promise<void>
}
