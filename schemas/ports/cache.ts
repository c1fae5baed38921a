/** Bytes that may be lost at any time. Each entry has the version of what it was made from. */
export interface Cache {
  get(key: string): Promise<{ readonly value: Uint8Array; readonly version: number } | undefined>
  /** Sets the entry unless a newer version is there; says whether it did. Equal versions are set. */
  setIfNewer(key: string, value: Uint8Array, version: number, ttlMs: number): Promise<boolean>
  delete(key: string): Promise<void>
}
