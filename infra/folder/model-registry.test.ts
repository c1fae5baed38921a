import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { modelRegistryContract } from '#schemas/ports/model-registry.contract.ts'
import { folderModelRegistry } from './model-registry.ts'

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-models-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

modelRegistryContract('folder', async () => folderModelRegistry({ folder: join(await emptyFolder(), 'models') }))

describe('The folder of models', () => {
  it('names the file that does not hold a manifest', async () => {
    const folder = await emptyFolder()
    await writeFile(join(folder, 'v1.json'), '{"version":"v1"}')
    await writeFile(join(folder, 'v2.json'), '{')
    const registry = folderModelRegistry({ folder })
    for (const version of ['v1', 'v2']) {
      await expect(registry.get(version)).rejects.toMatchObject({
        code: 'store-failed',
        facts: { path: join(folder, `${version}.json`) },
      })
    }
  })
})
