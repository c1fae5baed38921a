import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { installPacked, oldestNode, type InstalledPackage } from './installed-package.fixture.ts'

const run = promisify(execFile)
const browser = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const skipsBrowser = !existsSync(browser) && process.env['REQUIRE_BROWSER'] !== '1'
if (skipsBrowser) process.stderr.write(`The client is not tested in a browser: there is no ${browser}\n`)

let installed: InstalledPackage
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://test').pathname
  if (path === '/v1/interactions') {
    response.writeHead(202, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ accepted: 1, duplicates: 0, rejected: [], position: '0.0.7' }))
  } else if (path.endsWith('.js')) {
    response.writeHead(200, { 'content-type': 'text/javascript' })
    response.end(readFileSync(join(installed.app, 'node_modules/millrace/dist', path)))
  } else {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<!doctype html><title>App</title>')
  }
})
let baseUrl = ''

beforeAll(async () => {
  installed = await installPacked()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  baseUrl = `http://127.0.0.1:${port}`
})

afterAll(() => {
  server.close()
  installed.remove()
})

describe('The installed package', () => {
  it('holds what was built, pages and data, and neither sources nor tests', () => {
    expect(installed.files).toEqual(
      expect.arrayContaining([
        'bin/millrace.js',
        'dist/package.json',
        'dist/batch/spark/train_als.py',
        'dist/infra/app/main.js',
        'dist/infra/app/http/docs/docs.css',
        'dist/infra/kernels/kernels.wasm',
        'dist/producers/client/index.d.ts',
        'infra/demo/data/ratings.csv.gz',
      ]),
    )
    const unwanted = installed.files.filter((path) => /(?<!\.d)\.ts$|\.test\.|contract|fixture/.test(path))
    expect(unwanted).toEqual([])
  })

  it('runs its bin', async () => {
    const bin = join(installed.app, 'node_modules/millrace/bin/millrace.js')
    expect((await run(process.execPath, [bin, '--version'])).stdout.trim()).toBe(manifest.version)
    expect((await run(process.execPath, [bin, '--help'])).stdout).toContain('Usage: millrace')
  })

  it('finds its worker threads', async () => {
    const built = join(installed.app, 'node_modules/millrace/dist/infra')
    const output = await runModule(
      process.execPath,
      `import { hnswVectorIndex } from '${built}/hnsw/vector-index.js'
       import { findHnswlib } from '${built}/hnsw/graph.js'
       import { workerEntry } from '${built}/app/workers/entry.js'
       const create = hnswVectorIndex({ worker: workerEntry('index-builder'), graphFrom: 1 })
       const index = await create({ dimension: 2, slots: Uint32Array.of(4, 5), vectors: Float32Array.of(1, 0, 0, 1) })
       const graph = (await findHnswlib()).type === 'found' ? 'hnsw' : 'exact'
       console.log(index.kind() === graph, index.search(Float32Array.of(0, 1), 1).slots[0])
       await index.close()`,
    )
    expect(output).toBe('true 5')
  })
})

it('runs its sources in a checkout, also where an older Node is asked to', async () => {
  const node = await oldestNode()
  const bin = join(import.meta.dirname, '../../bin/millrace.js')
  expect((await run(node.path, [bin, '--version'])).stdout.trim()).toBe(manifest.version)
  await expect(run(node.path, [bin, 'no-such-command'])).rejects.toMatchObject({ code: 1 })
})

describe('millrace/client', () => {
  it('records an interaction on the oldest Node there is', async () => {
    const node = await oldestNode()
    process.stderr.write(`millrace/client is imported on Node ${node.major}\n`)
    expect(await runModule(node.path, `${recording("'millrace/client'")}\nconsole.log(await record())`)).toBe('0.0.7')
  })

  it('has types for those who install it', async () => {
    writeFileSync(
      join(installed.app, 'app.ts'),
      `import { createClient, type Recommendation } from 'millrace/client'
       export const first: Promise<Recommendation | undefined> =
         createClient({ baseUrl: '' }).getRecommendations('u', { device: 'phone' }).then((list) => list[0])`,
    )
    const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', 'app.ts']
    expect((await run(process.execPath, [tsc, ...options], { cwd: installed.app })).stdout).toBe('')
  })

  it.skipIf(skipsBrowser)('records an interaction in a browser, as modules as they are', async () => {
    const launched = await chromium.launch({
      executablePath: browser,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
    try {
      const page = await launched.newPage()
      await page.goto(baseUrl)
      await page.addScriptTag({
        type: 'module',
        content: `${recording("'/producers/client/index.js'")}\ndocument.title = await record()`,
      })
      await page.waitForFunction(() => document.title !== 'App')
      expect(await page.title()).toBe('0.0.7')
    } finally {
      await launched.close()
    }
  })
})

function recording(specifier: string): string {
  return `import { createClient } from ${specifier}
    async function record() {
      const client = createClient({ baseUrl: '${baseUrl}' })
      const recorded = client.recordInteraction({ userId: 'u', itemId: 'i', type: 'click' })
      await client.close()
      return (await recorded).position
    }`
}

async function runModule(node: string, source: string): Promise<string> {
  writeFileSync(join(installed.app, 'run.mjs'), source)
  const { stdout } = await run(node, ['run.mjs'], { cwd: installed.app })
  return stdout.trim()
}
