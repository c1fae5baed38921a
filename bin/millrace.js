#!/usr/bin/env node
// Plain JavaScript for any Node: in a checkout it runs the sources, in an installed package what was built.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const sources = new URL('../infra/app/main.ts', import.meta.url)
const built = new URL('../dist/infra/app/main.js', import.meta.url)
const major = Number.parseInt(process.versions.node, 10)

// From the second start on nothing is stripped of its types and compiled again; Node 20 cannot.
module.enableCompileCache?.()

if (existsSync(sources)) {
  if (major >= 24) await import(sources.href)
  else runOnBundledNode()
} else if (major >= 22) await import(built.href)
else refuse('Millrace needs Node 22 or later (its client library runs on 20)')

/** The checkout's own Node, an npm package, takes over with the same arguments and streams. */
function runOnBundledNode() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const node = fileURLToPath(new URL(`../node_modules/node/bin/${file}`, import.meta.url))
  if (!existsSync(node)) {
    refuse("Millrace's sources need Node 24 or later, which `npm ci` brings")
    return
  }
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both already; twice would mean "at once" to the child.
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`${node} could not be started: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function refuse(reason) {
  process.stderr.write(`${reason}; this is ${process.version}.\n`)
  process.exitCode = 1
}
