import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { type Finished, runMillrace } from '../proof/millrace-process.fixture.ts'
import type { ClusterStatus } from './cluster-status.ts'

const servers = ['kafka', 'cassandra', 'redis'] as const
const able = (await Promise.all(servers.map(canStart))).every((can) => can)
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-dev-cluster-'))
})

afterAll(async () => {
  await cluster('down')
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
})

function cluster(command: string, ...flags: string[]): Promise<Finished> {
  return runMillrace(['cluster', command, '--dir', dir, ...flags])
}

async function up(...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster('up', '--no-demo', '--servers', 'local', ...flags)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return stdout
}

async function status(): Promise<ClusterStatus & { readonly code: number | null }> {
  const { code, stdout } = await cluster('status', '--json')
  return { ...JSON.parse(stdout), code }
}

function pidsOf({ roles, servers }: ClusterStatus): Readonly<Record<string, number | null>> {
  return Object.fromEntries(Object.entries({ ...roles, ...servers }).map(([name, { pid }]) => [name, pid]))
}

async function readyAgain(): Promise<ClusterStatus> {
  for (;;) {
    const now = await status()
    if (now.code === 0) return now
    await after(100)
  }
}

describe.skipIf(!able)('A cluster on this machine, of real servers and roles', () => {
  it('is up when all of it is ready, and says so', async () => {
    const said = await up('--instances', 'process=2')
    const { roles, servers, code } = await status()
    expect(code).toBe(0)
    expect(Object.keys(servers).toSorted()).toEqual(['cassandra', 'kafka', 'redis'])
    expect(Object.keys(roles).toSorted()).toEqual(
      ['gateway', 'ingest', 'process', 'process-2', 'schedule', 'serve', 'train'].toSorted(),
    )
    for (const { url } of Object.values(roles)) expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    expect(said).toContain(roles['gateway']?.url)
  })

  it('names the servers and roles themselves by their pids', async () => {
    const pids = pidsOf(await status())
    const commandOf = async (name: string) =>
      (await readFile(`/proc/${pids[name]}/cmdline`, 'utf8')).split('\0').join(' ')
    expect(await commandOf('kafka')).toContain('kafka.Kafka')
    expect(await commandOf('cassandra')).toContain('CassandraDaemon')
    expect(await commandOf('redis')).toContain('redis-server')
    expect(await commandOf('process-2')).toMatch(/main\.[jt]s process --preset cluster/)
  })

  it('takes a write and counts it', async () => {
    const url = (await status()).roles['gateway']?.url
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ userId: 'ada', itemId: 'book-1', type: 'like' })
    const answer = await fetch(`${url}/v1/interactions`, { method: 'POST', headers, body })
    expect(answer.status).toBe(202)
    for (let counted = 0; counted < 1; await after(50)) {
      const { items }: { items: unknown[] } = JSON.parse(await (await fetch(`${url}/v1/users/ada/interactions`)).text())
      counted = items.length
    }
  })

  it.each(['serve', 'process-2', 'redis', 'kafka', 'cassandra'])('has a killed %s back on its port', async (name) => {
    const member = ({ roles, servers }: ClusterStatus) => ({ ...roles, ...servers })[name]
    const { pid = null, ...victim } = member(await status()) ?? {}
    process.kill(pid ?? 0, 'SIGKILL')
    const back = member(await readyAgain())
    const whereabouts = ['url', 'endpoint'].flatMap((key) => Object.entries(victim).filter(([name]) => name === key))
    expect(back).toMatchObject({ ...Object.fromEntries(whereabouts), restarts: 1, lastEnd: 'SIGKILL' })
    expect(back?.pid).not.toBe(pid)
  })

  it('is left as it is by another up', async () => {
    const before = pidsOf(await status())
    expect(await up()).toContain('Everything was running.')
    expect(pidsOf(await status())).toEqual(before)
  })

  it('leaves no process behind when it is taken down, and keeps what was counted', async () => {
    const before = await status()
    const url = before.roles['gateway']?.url
    expect((await cluster('down')).code).toBe(0)
    for (const pid of Object.values(pidsOf(before))) expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
    expect((await cluster('down')).stdout).toContain('Nothing was running.')
    const { code, roles } = await status()
    expect({ code, gateway: roles['gateway'] }).toMatchObject({
      code: 1,
      gateway: { url, pid: null, state: 'stopped' },
    })
    await up()
    expect((await status()).roles['gateway']?.url).toBe(url)
    expect(await (await fetch(`${url}/v1/users/ada/interactions`)).json()).toMatchObject({
      items: [{ itemId: 'book-1' }],
    })
  })
})
