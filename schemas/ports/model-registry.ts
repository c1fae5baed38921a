import type { EmbeddingSpace } from '../models/embedding.ts'
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
  /** Absent of models made before it was recorded. */
  readonly content?: FittedContent
  readonly profiles?: FittedProfiles
}

/** What the content part of a model was learnt from. */
export interface FittedContent {
  /** Items of the model that the catalogue describes; 0: new items have no vector. */
  readonly items: number
  /** Terms that enough of them have. */
  readonly terms: number
  /** Exponent of their inverse document frequencies, and λ of the regression: what foretold held-out items best. */
  readonly termExponent?: number
  readonly lambda?: number
  /** The space of items' own vectors that took part. */
  readonly embedding?: EmbeddingSpace
}

/** What the profile part of a model was learnt from. */
export interface FittedProfiles {
  /** Users of the model with a profile or a context; 0: users without a history are all alike. */
  readonly users: number
  readonly terms: number
}

/** Manifests of all models that were ever published here. Which one is served stands on the topic `models`. */
export interface ModelRegistry {
  /** Idempotent; a different manifest under a known version is a `conflict`. */
  add(manifest: ModelManifest): Promise<void>
  get(version: string): Promise<ModelManifest | undefined>
  /** Newest first. */
  list(): Promise<readonly ModelManifest[]>
}
