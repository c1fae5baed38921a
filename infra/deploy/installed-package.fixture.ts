import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

export interface InstalledPackage {
  /** An app's folder that has nothing but `node_modules/millrace`. */
  readonly app: string
  /** What the tarball holds, relative to the package. */
  readonly files: readonly string[]
  remove(): void
}

/**
 * Packs the checkout and unpacks the tarball where npm would install it. Nothing is fetched: the package finds its
 * dependencies one folder up, in a link to the checkout's node_modules.
 */
export async function installPacked(): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pack-'))
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, maxBuffer: 1e8 })
  const [tarball]: { readonly filename: string; readonly files: readonly { readonly path: string }[] }[] = JSON.parse(
    stdout.slice(stdout.search(/^\[/m)),
  )
  if (tarball === undefined) throw new Error('npm packed nothing')
  const app = join(folder, 'app')
  const installed = join(app, 'node_modules/millrace')
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', join(folder, tarball.filename), '-C', installed, '--strip-components=1'])
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    app,
    files: tarball.files.map((file) => file.path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The oldest Node from 20 on that this machine's PATH has, or the one that runs the tests. */
export async function oldestNode(): Promise<{ readonly path: string; readonly major: number }> {
  const own = { path: process.execPath, major: Number.parseInt(process.versions.node, 10) }
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = await Promise.all(
    folders.map(async (folder) => {
      const path = join(folder, 'node')
      const version = await run(path, ['-p', 'process.versions.node']).catch(() => ({ stdout: '0' }))
      return { path, major: Number.parseInt(version.stdout, 10) }
    }),
  )
  return found.filter((node) => node.major >= 20).reduce((a, b) => (b.major < a.major ? b : a), own)
}
