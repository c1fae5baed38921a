import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isMillraceError } from '#schemas/errors.ts'
import { embeddingsOf, foldBatchOf, foldSettingsOf, loadConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(text: string): string {
  const path = join(folder, 'config.json')
  writeFileSync(path, text)
  return path
}

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (isMillraceError(error, 'configuration-invalid')) return error.message
    throw error
  }
  return 'no error'
}

describe('The configuration', () => {
  it('prefers the command line to the environment, and that to the file', () => {
    const file = fileWith('{"port": 1, "host": "::1", "factors": 32}')
    const config = loadConfig({ file, env: { MILLRACE_PORT: '2', MILLRACE_HOST: 'localhost' }, flags: { port: 3 } })
    expect(config).toMatchObject({ port: 3, host: 'localhost', factors: 32, partitions: 0 })
  })

  it('names the key, the place and the reason of a bad value', () => {
    expect(messageOf(() => loadConfig({ env: { MILLRACE_PORT: 'high' } }))).toBe(
      'port must be a number (given in MILLRACE_PORT)',
    )
    expect(messageOf(() => loadConfig({ env: {}, flags: { factors: 3 } }))).toBe(
      'factors must be at least 4 (given in the command line)',
    )
    expect(messageOf(() => loadConfig({ file: fileWith('{"prot": 1}'), env: {} }))).toContain('prot is not a key')
    expect(messageOf(() => loadConfig({ file: fileWith('nonsense'), env: {} }))).toContain('cannot read')
  })

  it('refuses kernels it does not know', () => {
    expect(loadConfig({ env: { MILLRACE_KERNELS: 'typescript' } }).kernels).toBe('typescript')
    expect(messageOf(() => loadConfig({ env: { MILLRACE_KERNELS: 'gpu' } }))).toContain('auto, wasm, typescript')
  })

  it('adds interaction types to the known ones', () => {
    const settings = foldSettingsOf(loadConfig({ env: { MILLRACE_INTERACTION_TYPES: 'share=3, hide=-4' } }))
    expect(settings.actions['hide']).toEqual({ type: 'fixed', weight: -4 })
    expect(settings.actions['view']).toEqual({ type: 'fixed', weight: 1 })
    const bad = loadConfig({ env: { MILLRACE_INTERACTION_TYPES: 'share' } })
    expect(messageOf(() => foldSettingsOf(bad))).toContain('needs name=weight')
  })

  it('folds larger batches on a cluster, unless it is told how large', () => {
    const batch = (flags: object) => foldBatchOf(loadConfig({ env: {}, flags }))
    expect(batch({})).toBe(1_024)
    expect(batch({ preset: 'cluster' })).toBe(16_384)
    expect(batch({ preset: 'cluster', foldBatch: 8 })).toBe(8)
  })

  it('declares vectors of items by name and length', () => {
    expect(embeddingsOf({ embeddings: 'clip=512, text-v1.2=384' })).toEqual(
      new Map([
        ['clip', 512],
        ['text-v1.2', 384],
      ]),
    )
    expect(embeddingsOf({ embeddings: '' })).toEqual(new Map())
    for (const embeddings of ['clip', 'clip=0', 'clip=4097', 'clip=x', '=3']) {
      expect(messageOf(() => loadConfig({ env: {}, flags: { embeddings } }))).toContain('embeddings needs name=length')
    }
  })
})
