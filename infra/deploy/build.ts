import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const rooms = ['schemas', 'producers', 'stream-processors', 'serving', 'batch', 'infra']

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
for (const asset of staticFiles()) {
  mkdirSync(dirname(join(dist, asset)), { recursive: true })
  cpSync(join(root, asset), join(dist, asset))
}
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ type: 'module', imports: builtImports() }, null, 2)}\n`)

/** What the sources read beside themselves: pages, styles, scripts, kernels, jobs of other engines. Data has its own place in the package. */
function staticFiles(): string[] {
  return ['serving', 'batch', 'infra/app', 'infra/kernels'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts') && entry.name !== 'tsconfig.json')
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  )
}

/**
 * `#room/x.ts`, which the compiler leaves as it is, resolves to the x.js it wrote. Node goes by the nearest package.json,
 * which is this one.
 */
function builtImports(): Record<string, string> {
  const missing = rooms.filter((room) => !Object.hasOwn(manifest.imports, `#${room}/*`))
  if (missing.length > 0) throw new Error(`package.json has no import of ${missing.join(', ')}`)
  return Object.fromEntries(rooms.map((room) => [`#${room}/*.ts`, `./${room}/*.js`]))
}
