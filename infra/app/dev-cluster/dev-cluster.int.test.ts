import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { type Finished, runMillrace } from '../proof/millrace-process.fixture.ts'
import type { ClusterStatus } from './cluster-status.ts'
import { devClusterStatus } from './dev-cluster.ts'

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
  if (code !== 0) throw new Error(`up ended with ${code}: ${stderr}`)
  return stdout
}

async function members(): Promise<Readonly<Record<string, ClusterStatus['roles'][string]>>> {
  const { roles, servers } = (await devClusterStatus(dir)).status
  const named = Object.entries(servers).map(([name, { endpoint, ...rest }]) => [name, { url: endpoint, ...rest }])
  return { ...roles, ...Object.fromEntries(named) }
}

async function pids(): Promise<Readonly<Record<string, number | null>>> {
  return Object.fromEntries(Object.entries(await members()).map(([name, { pid }]) => [name, pid]))
}

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    await after(100)
  }
}

/** What each role said last, for who wonders why one has died. */
async function lastWords(): Promise<string> {
  const logs = await readdir(join(dir, 'logs'))
  const texts = logs.map(async (name) => {
    const text = await readFile(join(dir, 'logs', name), 'utf8')
    return `${name}:\n${text.split('\n').slice(-8).join('\n')}`
  })
  return (await Promise.all(texts)).join('\n')
}

const gateway = async () => (await members())['gateway']?.url ?? ''
const historyOf = async (user: string) => (await fetch(`${await gateway()}/v1/users/${user}/interactions`)).text()

describe.skipIf(!able)('A cluster on this machine, of real servers and roles', () => {
  it('is up when all of it is ready, and says so', async () => {
    expect(await up('--instances', 'process=2')).toContain(await gateway())
    const { code, stdout } = await cluster('status', '--json')
    expect(code).toBe(0)
    const { roles, servers, ...rest }: ClusterStatus = JSON.parse(stdout)
    expect(rest).toEqual({})
    expect(Object.keys(servers).toSorted()).toEqual(['cassandra', 'kafka', 'redis'])
    expect(Object.keys(roles).toSorted()).toEqual(
      ['gateway', 'ingest', 'process', 'process-2', 'schedule', 'serve', 'train'].toSorted(),
    )
    for (const { url } of Object.values(roles)) expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  })

  it('names the servers and roles themselves by their pids', async () => {
    const of = await pids()
    const commandOf = async (name: string) =>
      (await readFile(`/proc/${of[name]}/cmdline`, 'utf8')).split('\0').join(' ')
    expect(await commandOf('kafka')).toContain('kafka.Kafka')
    expect(await commandOf('cassandra')).toContain('CassandraDaemon')
    expect(await commandOf('redis')).toContain('redis-server')
    expect(await commandOf('process-2')).toMatch(/main\.[jt]s process --preset cluster/)
  })

  it('takes a write and counts it', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ userId: 'ada', itemId: 'book-1', type: 'like' })
    const answer = await fetch(`${await gateway()}/v1/interactions`, { method: 'POST', headers, body })
    expect(answer.status).toBe(202)
    await until(async () => ((await historyOf('ada')).includes('book-1') ? true : undefined))
  })

  it.each(['serve', 'process-2', 'redis', 'kafka', 'cassandra'])('has a killed %s back on its port', async (name) => {
    const before = (await members())[name]
    process.kill(before?.pid ?? 0, 'SIGKILL')
    const now = await until(async () => {
      const all = await members()
      const isWhole = Object.values(all).every(({ state }) => state === 'ready')
      return isWhole && all[name]?.restarts === (before?.restarts ?? 0) + 1 ? all[name] : undefined
    })
    expect(now.url).toBe(before?.url)
    expect(now.pid).not.toBe(before?.pid)
  })

  it('is left as it is by another up', async () => {
    onTestFailed(async () => void process.stderr.write(await lastWords()))
    const before = await pids()
    expect(await up()).toContain('Everything was running.')
    expect(await pids()).toEqual(before)
  })

  it('leaves no process behind when it is taken down, and comes back with what was counted', async () => {
    const before = await pids()
    const address = await gateway()
    expect((await cluster('down')).code).toBe(0)
    for (const pid of Object.values(before)) expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
    expect((await cluster('down')).stdout).toContain('Nothing was running.')
    expect((await cluster('status')).code).toBe(1)
    await up()
    expect(await gateway()).toBe(address)
    expect(await historyOf('ada')).toContain('book-1')
  })
})
