import { blobStoreContract } from '#schemas/ports/blob-store.contract.ts'
import { memoryBlobStore } from './blob-store.ts'

blobStoreContract('memory', async () => {
  const held = new Map<string, Uint8Array>()
  return {
    blobs: memoryBlobStore(held),
    corrupt: async (digest) => void held.get(digest)?.fill(0),
    reopen: async () => memoryBlobStore(held),
  }
})
