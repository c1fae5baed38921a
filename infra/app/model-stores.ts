import { join } from 'node:path'
import { folderBlobStore } from '#infra/folder/blob-store.ts'
import { folderModelRegistry } from '#infra/folder/model-registry.ts'
import type { S3Options } from '#infra/s3/bucket.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'

/** Where models and their blobs are, as a message to another thread: each thread opens its own. */
export type ModelStoresOrder =
  | { readonly type: 'folder'; readonly registry: string; readonly blobs: string }
  | { readonly type: 's3'; readonly options: S3Options }

export interface ModelStores {
  readonly registry: ModelRegistry
  readonly blobs: BlobStore
}

export function foldersOf(dataDir: string): ModelStoresOrder {
  return { type: 'folder', registry: join(dataDir, 'models'), blobs: join(dataDir, 'blobs') }
}

/** Opens both. What they hold open ends with the process or with the thread. */
export async function openModelStores(order: ModelStoresOrder): Promise<ModelStores> {
  switch (order.type) {
    case 'folder':
      return {
        registry: folderModelRegistry({ folder: order.registry }),
        blobs: folderBlobStore({ folder: order.blobs }),
      }
    case 's3': {
      const { s3BlobStore } = await import('#infra/s3/blob-store.ts')
      const { s3ModelRegistry } = await import('#infra/s3/model-registry.ts')
      return { registry: s3ModelRegistry(order.options), blobs: s3BlobStore(order.options) }
    }
  }
}
