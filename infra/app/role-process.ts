import type { JobProgress } from '#batch/job.ts'
import { prometheusMetrics } from '#infra/prometheus/metrics.ts'
import { closers, type Closers } from './closers.ts'
import { openParts } from './open-parts.ts'
import type { Config } from './config-keys.ts'
import { apiKeysOf } from './config.ts'
import { assertHostAllowed } from './http/host.ts'
import { remoteTraining } from './remote-training.ts'
import { listen, roleServer } from './role-server.ts'
import { startIngestRole } from './roles/ingest.ts'
import { startProcessRole } from './roles/process.ts'
import type { Role, RoleContext } from './roles/role.ts'
import type { PartsRoleName } from './roles/role-names.ts'
import { startScheduleRole } from './roles/schedule.ts'
import { startServeRole } from './roles/serve.ts'
import { startTrainRole } from './roles/train.ts'
import { solverOf } from './solver-of.ts'

export interface RoleProcessOptions {
  readonly role: PartsRoleName
  readonly config: Config
  readonly portIsExplicit: boolean
  readonly report: (error: unknown, doing: string) => void
  readonly onTraining: (progress: JobProgress) => void
}

export interface RoleProcess {
  readonly url: string
  /** Answers no more, finishes what is in flight. */
  close(): Promise<void>
  /** Rejects when the role cannot go on and its process should end. */
  readonly failed: Promise<unknown>
}

/** One role on the servers of a cluster. What fails to start closes what had. */
export async function startRoleProcess(options: RoleProcessOptions): Promise<RoleProcess> {
  const { config } = options
  assertHostAllowed(config.host, apiKeysOf(config))
  const opened = closers()
  try {
    return await assemble(options, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function assemble(options: RoleProcessOptions, opened: Closers): Promise<RoleProcess> {
  const { role: name, config, portIsExplicit, report } = options
  const metrics = prometheusMetrics()
  const parts = await openParts(config, { metrics, name, report })
  opened.add(() => parts.close())
  const role = await startRole(options, { parts, metrics, report }, opened)
  opened.add(() => role.stop())
  const server = roleServer({ ...parts, metrics, routes: role.routes, ready: () => role.ready() })
  opened.add(async () => server.close())
  await server.ready()
  const url = await listen(server, config, portIsExplicit)
  return { url, close: () => opened.close(), failed: role.ended }
}

async function startRole(options: RoleProcessOptions, context: RoleContext, opened: Closers): Promise<Role> {
  switch (options.role) {
    case 'ingest':
      return startIngestRole(context)
    case 'process':
      return startProcessRole({ ...context, solver: openedSolver(options, opened) })
    case 'serve':
      return startServeRole({ ...context, solver: openedSolver(options, opened) })
    case 'train':
      return startTrainRole({ ...context, onTraining: options.onTraining })
    case 'schedule':
      return startScheduleRole({ ...context, train: remoteTraining(options.config) })
  }
}

function openedSolver({ config }: RoleProcessOptions, opened: Closers) {
  const solver = solverOf(config)
  opened.add(() => solver.close())
  return solver
}
