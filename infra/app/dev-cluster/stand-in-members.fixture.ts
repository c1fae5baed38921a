import { saysReady } from './answers.ts'
import { addressOf } from './cluster-config.ts'
import type { ClusterFolder } from './cluster-folder.ts'
import type { Member } from './member.ts'
import { instanceNames, type Plan, serverNames } from './plan.ts'
import { startProgram } from './role-start.ts'

/** A web server that says it is ready, notes its start and end, and exits at once where a file `broken-NAME` lies. */
const program = `
  const [name, port, folder] = process.argv.slice(1)
  const { appendFileSync, existsSync } = require('node:fs')
  const note = (what) => appendFileSync(folder + '/events', what + ' ' + name + '\\n')
  if (existsSync(folder + '/broken-' + name)) process.exit(3)
  const server = require('node:http').createServer((_, answer) => answer.end('{}'))
  server.listen(Number(port), '127.0.0.1', () => note('started'))
  process.on('SIGTERM', () => { note('stopped'); process.exit(0) })
`

/** The members of a real plan, each such a program. */
export function standInMembers(plan: Plan, folder: ClusterFolder): readonly Member[] {
  const named = [
    ...serverNames.map((name) => ({ name, kind: 'server' as const, wave: 0 })),
    ...instanceNames(plan.instances).map(({ name }) => ({
      name,
      kind: 'role' as const,
      wave: name === 'gateway' ? 2 : 1,
    })),
  ]
  return named.map(({ name, kind, wave }) => {
    const endpoint = `http://${addressOf(plan, name)}`
    const args = ['-e', program, name, `${plan.ports[name]}`, folder.path]
    const log = folder.log(name)
    return {
      name,
      kind,
      wave,
      endpoint,
      log,
      fingerprint: name === 'gateway' ? Object.keys(plan.ports).length.toString() : '',
      graceMs: 2_000,
      answers: () => saysReady(endpoint),
      start: startProgram({ command: process.execPath, args, env: { PATH: process.env['PATH'] ?? '' }, log, nice: 0 }),
    }
  })
}
