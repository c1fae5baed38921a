import type { Position } from '../position.ts'

export interface ModelManifest {
  readonly version: string
  readonly createdAt: number
  /** Settings of the model and of its training, by name. */
  readonly settings: Readonly<Record<string, number | string>>
  /** Held-out metrics by name, such as `ndcg@10`; of popularity on the same holdout as `popularity.ndcg@10`. */
  readonly metrics: Readonly<Record<string, number>>
  /** Digest of the blob that holds the factors. */
  readonly blob: string
  /** Digest of the blob that holds the precomputed top lists. */
  readonly lists: string
  /** Digest of the blob that holds the learned ranker; absent where the fixed blend ranks. */
  readonly ranker?: string
  /** Digest of the blob that holds the user's side of a model trained elsewhere; absent for our own, which folds users in. */
  readonly encoder?: string
  /** Next offset of every partition of `interactions` up to which it was trained. */
  readonly positions: readonly Position[]
  readonly users: number
  readonly items: number
  readonly interactions: number
  readonly seconds: number
}

/** Manifests of all models that were ever published here. Which one is served stands on the topic `models`. */
export interface ModelRegistry {
  /** Idempotent; a different manifest under a known version is a `conflict`. */
  add(manifest: ModelManifest): Promise<void>
  get(version: string): Promise<ModelManifest | undefined>
  /** Newest first. */
  list(): Promise<readonly ModelManifest[]>
}
