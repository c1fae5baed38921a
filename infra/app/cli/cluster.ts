import { Command, Option } from 'commander'
import type { Static } from 'typebox'
import { importProgress, silentProgress } from '#producers/import/import-progress.ts'
import type { UsersAnswer } from '#schemas/api/catalogue-reads.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { statusTable } from '../dev-cluster/cluster-status.ts'
import { devClusterStatus, startDevCluster, stopDevCluster, type StartOptions } from '../dev-cluster/dev-cluster.ts'
import { whole } from './options.ts'
import { remote } from './remote.ts'

interface UpFlags extends Pick<StartOptions, 'dir' | 'instances' | 'partitions' | 'servers' | 'demo'> {
  readonly patience: number
}

/** `millrace cluster up`, `status` and `down`, which are also npm scripts. */
export function clusterCommand(): Command {
  const cluster = new Command('cluster').description('a cluster on this machine, for development')
  cluster.addCommand(
    folder('up', 'start what is not running, and wait until all of it is ready')
      .option('--instances <pairs>', 'processes of a role, as process=2,serve=2', '')
      .option('--partitions <n>', 'of the source topics, fixed for life at the first start', whole(1, 1024), 8)
      .option('--no-demo', 'leave an empty cluster empty')
      .addOption(
        new Option('--servers <where>', 'processes of this machine, or containers; auto: where a Docker engine answers')
          .choices(['auto', 'local', 'docker'])
          .default('auto'),
      )
      .option('--patience <seconds>', 'to wait for all to be ready', whole(1, 86_400), 300)
      .action(up),
  )
  cluster.addCommand(
    folder('status', 'how each member is; exit code 1 when one is not ready')
      .option('--json', 'print JSON only')
      .action(status),
  )
  cluster.addCommand(folder('down', 'stop everything; the data stay').action(down))
  return cluster
}

function folder(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--dir <folder>', 'where data, logs and pids are', './millrace-cluster')
}

async function up({ patience, ...flags }: UpFlags): Promise<void> {
  const clock = systemClock()
  const began = clock.now()
  const { gateway, started } = await startDevCluster({
    ...flags,
    patienceMs: patience * 1_000,
    progress: process.stderr.isTTY ? importProgress(process.stderr, clock) : silentProgress,
    say: (line) => console.log(line),
  })
  if (started.length === 0) console.log('Everything was running.')
  console.log(`Ready after ${((clock.now() - began) / 1_000).toFixed(1)} s.`)
  console.log(toTry({ gateway, someone: await someUser(gateway) }, flags.dir))
}

async function status({ dir, json = false }: { readonly dir: string; readonly json?: boolean }): Promise<void> {
  const report = await devClusterStatus(dir)
  console.log(json ? JSON.stringify(report.status, null, 2) : statusTable(report))
  if (json) for (const line of report.wrong) console.error(line)
  if (report.wrong.length > 0) process.exitCode = 1
}

async function down({ dir }: { readonly dir: string }): Promise<void> {
  const ended = await stopDevCluster(dir)
  console.log(ended === 0 ? 'Nothing was running.' : `${ended} processes ended; the data stay in ${dir}.`)
}

/** A user who is there, else one who may be. */
async function someUser(gateway: string): Promise<string> {
  try {
    const { users } = await remote<Static<typeof UsersAnswer>>({ to: gateway }, 'GET', '/v1/users')
    return users[0]?.userId ?? 'ada'
  } catch (error) {
    if (!isMillraceError(error)) throw error
    return 'ada'
  }
}

/** Addresses and commands. */
function toTry({ gateway, someone }: { readonly gateway: string; readonly someone: string }, dir: string): string {
  const user = encodeURIComponent(someone)
  const like = JSON.stringify({ userId: someone, itemId: 'book-1', type: 'like' })
  return [
    '',
    `  Everything is behind one address: ${gateway}/ (open it), ${gateway}/docs`,
    '',
    `  curl '${gateway}/v1/users/${user}/recommendations?limit=5'`,
    `  curl -X POST ${gateway}/v1/interactions -H 'content-type: application/json' -d '${like}'`,
    `  curl '${gateway}/v1/trending?limit=5'`,
    '',
    `  npm run cluster:status -- --dir ${dir}`,
    `  npm run cluster:down -- --dir ${dir}`,
  ].join('\n')
}
