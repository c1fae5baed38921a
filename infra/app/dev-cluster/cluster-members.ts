import type { RoleName } from '../roles/role-names.ts'
import { acceptsConnections, saysReady } from './answers.ts'
import { addressOf, plannedConfig, roleEnvironment } from './cluster-config.ts'
import type { ClusterFolder } from './cluster-folder.ts'
import { compiledIn } from './compile-cache.ts'
import { commandLine } from './main-file.ts'
import type { Member } from './member.ts'
import { instanceNames, type Plan, serverNames } from './plan.ts'
import { startProgram } from './role-start.ts'
import { localServer } from './server-start.ts'

/** Servers begin. The processor makes topics and tables, so that not everyone tries at once; the gateway knows all others. */
const waves = { server: 0, process: 1, role: 2, gateway: 3 }

/** On a machine that has too little for all, what somebody waits for comes first: answers late are asked in vain. */
const niceness: Readonly<Partial<Record<RoleName, number>>> = { process: 4, train: 10, schedule: 10 }

const serverGraceMs = 20_000
/** Above the `shutdownMs` of the roles. */
const roleGraceMs = 15_000

/** Everything the plan wants running. */
export function clusterMembers(plan: Plan, folder: ClusterFolder): readonly Member[] {
  const servers = serverNames.map((name): Member => {
    const endpoint = addressOf(plan, name)
    const local = plan.servers === 'local' ? localServer(name, plan, folder) : undefined
    return {
      name,
      kind: 'server',
      endpoint,
      log: local?.log ?? `docker compose logs ${name}`,
      fingerprint: plan.servers,
      wave: waves.server,
      graceMs: serverGraceMs,
      answers: () => acceptsConnections(portOf(endpoint)),
      start: local?.start,
    }
  })
  const env = { ...roleEnvironment(process.env, plannedConfig(plan, folder)), ...compiledIn(folder.run) }
  const roles = instanceNames(plan.instances).map(({ name, role }): Member => {
    const endpoint = `http://${addressOf(plan, name)}`
    const log = folder.log(name)
    const args = [commandLine, ...roleArguments(role, portOf(addressOf(plan, name)), folder)]
    return {
      name,
      kind: 'role',
      endpoint,
      log,
      fingerprint: role === 'gateway' ? routesOf(plan, folder) : '',
      wave: role === 'gateway' ? waves.gateway : name === 'process' ? waves.process : waves.role,
      graceMs: roleGraceMs,
      answers: () => saysReady(endpoint),
      start: startProgram({ command: process.execPath, args, env, log, nice: niceness[role] ?? 0 }),
    }
  })
  return [...servers, ...roles]
}

function roleArguments(role: RoleName, port: number, folder: ClusterFolder): string[] {
  return [role, '--preset', 'cluster', '--config', folder.config, '--port', `${port}`, '--host', '127.0.0.1']
}

/** The gateway reads the addresses of the others when it starts. */
function routesOf(plan: Plan, folder: ClusterFolder): string {
  const { ingestUrls, serveUrls, trainUrls } = plannedConfig(plan, folder)
  return [ingestUrls, serveUrls, trainUrls].join(' ')
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}
