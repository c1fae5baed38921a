import { buildGraphOnThread } from '#infra/hnsw/graph-worker.ts'

await buildGraphOnThread()
