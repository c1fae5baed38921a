import type { Command } from 'commander'
import { MillraceError } from '#schemas/errors.ts'
import type { Config } from '../config-keys.ts'
import { startGatewayProcess } from '../role-gateway.ts'
import { startRoleProcess, type RoleProcess } from '../role-process.ts'
import type { RoleName } from '../roles/role-names.ts'
import { within } from '../within.ts'
import { reportToStderr } from './folded-parts.ts'
import { configOf, folderCommand, whole, type FolderFlags } from './options.ts'
import { trainingProgress } from './training-progress.ts'

export interface RoleFlags extends FolderFlags {
  readonly preset?: string
  readonly port?: number
  readonly host?: string
}

/** Adds what every role takes. */
export function roleOptions(command: Command): Command {
  return command
    .option('--preset <name>', 'what it stands on: cluster')
    .option('--port <n>', 'port to listen on; taken is an error (default: 8080 or the next free one)', whole(0, 65_535))
    .option('--host <address>', 'address to listen on')
}

const says: Readonly<Record<Exclude<RoleName, 'train'>, string>> = {
  ingest: 'take events in over HTTP and append them to Kafka',
  process: 'fold the source topics into rows; several share the partitions',
  serve: 'answer recommendations and every other read',
  schedule: 'say when to train and apply retention; of several one leads',
  gateway: 'give ingest, serve and train one address',
}

/** `millrace ingest`, `process`, `serve`,, `schedule` and `gateway`; `train` is a role when it runs on the cluster preset. */
export function roleCommands(): Command[] {
  return (Object.keys(says) as Exclude<RoleName, 'train'>[]).map((role) =>
    roleOptions(folderCommand(role))
      .description(`${says[role]} (cluster preset)`)
      .action((flags: RoleFlags) => runRole(role, flags)),
  )
}

export function roleConfig(flags: RoleFlags): Config {
  const { preset, port, host } = flags
  return configOf(flags, {
    ...(preset !== undefined && { preset }),
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
  })
}

/** Runs until a signal, or until the role cannot go on: then the exit code is 1. Stopping takes `shutdownMs` at most. */
export async function runRole(role: RoleName, flags: RoleFlags): Promise<void> {
  const config = roleConfig(flags)
  if (config.preset !== 'cluster') {
    throw new MillraceError('configuration-invalid', `${role} runs on its own with --preset cluster only`, {
      facts: { preset: config.preset },
    })
  }
  const running = await startRole(role, config, flags.port !== undefined)
  console.log(`Millrace ${role} listens on ${running.url}`)
  const stop = async (): Promise<void> => {
    try {
      if (!(await within(config.shutdownMs, running.close()))) {
        console.error(`millrace: ${role} was not done after ${config.shutdownMs} ms; what was under way is given up`)
        process.exitCode = 1
      }
    } catch (error) {
      failed(error, 'stopping')
    }
    // A driver that was closed may still hold a connection, and with it the process: nobody would start it again.
    process.exit()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
  running.failed.catch(async (error: unknown) => {
    failed(error, `running ${role}; it stops`)
    await stop()
  })
}

function startRole(role: RoleName, config: Config, portIsExplicit: boolean): Promise<RoleProcess> {
  if (role === 'gateway') return startGatewayProcess(config, reportToStderr)
  return startRoleProcess({ role, config, portIsExplicit, report: reportToStderr, onTraining: trainingProgress() })
}

function failed(error: unknown, doing: string): void {
  reportToStderr(error, doing)
  process.exitCode = 1
}
