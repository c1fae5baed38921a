import { join } from 'node:path'
import { folderBlobStore } from '#infra/folder/blob-store.ts'
import { folderModelRegistry } from '#infra/folder/model-registry.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'

/** Where models and their blobs are, as a message to another thread: each thread opens its own. */
export type ModelStoresOrder = { readonly type: 'folder'; readonly registry: string; readonly blobs: string }

export interface ModelStores {
  readonly registry: ModelRegistry
  readonly blobs: BlobStore
}

export function foldersOf(dataDir: string): ModelStoresOrder {
  return { type: 'folder', registry: join(dataDir, 'models'), blobs: join(dataDir, 'blobs') }
}

export function openModelStores(order: ModelStoresOrder): ModelStores {
  return {
    registry: folderModelRegistry({ folder: order.registry }),
    blobs: folderBlobStore({ folder: order.blobs }),
  }
}
