import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refreshed } from './blocks.ts'
import { documents, root } from './documents.ts'

// `npm run docs`: brings the generated blocks of all documents up to date.
for (const path of documents()) {
  const text = readFileSync(join(root, path), 'utf8')
  const fresh = refreshed(text)
  if (fresh === text) continue
  writeFileSync(join(root, path), fresh)
  process.stdout.write(`wrote ${path}\n`)
}
