import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '#infra/servers/free-port.ts'
import { clusterDown } from './cluster-down.ts'
import { clusterFolder, readState, type ClusterFolder } from './cluster-folder.ts'
import { clusterStatus } from './cluster-status.ts'
import { clusterUp } from './cluster-up.ts'
import { type Instances, parseInstances } from './plan.ts'
import { isRunning } from './process-identity.ts'
import { standInMembers } from './stand-in-members.fixture.ts'

let folder: ClusterFolder
const membersOf = (plan: Parameters<typeof standInMembers>[0]) => standInMembers(plan, folder)

beforeEach(async () => {
  folder = clusterFolder(await mkdtemp(join(tmpdir(), 'millrace-supervisor-')))
})

afterEach(async () => {
  await down()
  await rm(folder.path, { recursive: true, force: true, maxRetries: 5 })
})

function up(instances: (before: Instances) => Instances = (before) => before, say: (line: string) => void = () => {}) {
  return clusterUp({
    folder,
    membersOf,
    instances,
    partitions: 8,
    chooseServers: () => Promise.resolve('local'),
    freePort,
    prepare: () => Promise.resolve(),
    supervisor: join(import.meta.dirname, 'supervisor-process.fixture.ts'),
    say,
    patienceMs: 60_000,
  })
}

const down = () => clusterDown({ folder, membersOf, stopContainers: () => Promise.resolve() })

async function status() {
  return clusterStatus({ folder, membersOf, containerPid: () => Promise.resolve(null) })
}

async function pids(): Promise<Record<string, number | null>> {
  const { roles, servers } = (await status()).status
  return Object.fromEntries(
    [...Object.entries(servers), ...Object.entries(roles)].map(([name, { pid }]) => [name, pid]),
  )
}

async function until<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    await after(20)
  }
}

function events(): string[] {
  return readFileSync(join(folder.path, 'events'), 'utf8').trim().split('\n')
}

describe('A development cluster', () => {
  it('starts servers first and the gateway last, and ends in the opposite order', async () => {
    const { started, plan } = await up()
    expect(started.toSorted()).toEqual(Object.keys(plan.instances).concat('kafka', 'cassandra', 'redis').toSorted())
    const began = events()
    expect(began.slice(0, 3).toSorted()).toEqual(['started cassandra', 'started kafka', 'started redis'])
    expect(began.at(-1)).toBe('started gateway')
    expect(await status()).toMatchObject({ wrong: [] })
    const running = await pids()
    expect(await down()).toBe(9)
    const ended = events().slice(began.length)
    expect(ended).toHaveLength(9)
    expect(ended[0]).toBe('stopped gateway')
    expect(ended.slice(-3).toSorted()).toEqual(['stopped cassandra', 'stopped kafka', 'stopped redis'])
    for (const pid of Object.values(running)) expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
    expect(await down()).toBe(0)
  })

  it('starts a killed member on its port again, and touches no other', async () => {
    await up()
    const before = await status()
    const victim = before.status.roles['serve']
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    const after = await until(async () => {
      const now = await status()
      const { restarts, lastEnd } = now.status.roles['serve'] ?? {}
      return now.wrong.length === 0 && restarts === 1 && lastEnd === 'SIGKILL' ? now : undefined
    })
    expect(after.status.roles['serve']).toMatchObject({ url: victim?.url, state: 'ready' })
    expect(after.status.roles['serve']?.pid).not.toBe(victim?.pid)
    const others = ({ status: { roles, servers } }: typeof before) => ({ ...roles, ...servers, serve: undefined })
    expect(others(after)).toEqual(others(before))
  })

  it('is left as it is by another up, and by two at once begun only once', async () => {
    const [one, other] = await Promise.all([up(), up()])
    expect(one.plan.ports).toEqual(other.plan.ports)
    const before = await pids()
    expect((await up()).started).toEqual([])
    expect(await pids()).toEqual(before)
    expect(events().filter((event) => event.startsWith('started'))).toHaveLength(9)
  })

  it('is taken over whole when its supervisor is killed', async () => {
    await up()
    const before = await pids()
    const { supervisor } = readState(folder)
    process.kill(supervisor?.pid ?? 0, 'SIGKILL')
    await until(() => (supervisor !== null && isRunning(supervisor) ? undefined : true))
    expect((await status()).wrong).toEqual(['no supervisor runs'])
    process.kill(before['train'] ?? 0, 'SIGKILL')
    expect((await up()).started).toEqual(['train'])
    const { train, ...others } = await pids()
    expect({ ...others, train: before['train'] }).toEqual(before)
    expect(train).not.toBe(before['train'])
    process.kill(before['process'] ?? 0, 'SIGKILL')
    await until(async () => ((await status()).status.roles['process']?.restarts === 1 ? true : undefined))
  })

  it('is stopped without its supervisor too', async () => {
    await up()
    const { supervisor } = readState(folder)
    process.kill(supervisor?.pid ?? 0, 'SIGKILL')
    await until(() => (supervisor !== null && isRunning(supervisor) ? undefined : true))
    const began = events().length
    expect(await down()).toBe(9)
    expect(events()[began]).toBe('stopped gateway')
    expect(new Set(Object.values(await pids()))).toEqual(new Set([null]))
  })

  it('says which member keeps ending, and tries again when asked', async () => {
    writeFileSync(join(folder.path, 'broken-schedule'), '')
    await expect(up()).rejects.toThrow('schedule keeps ending (exit code 3)')
    const { status: trouble, wrong } = await status()
    expect(wrong).toEqual(expect.arrayContaining(['schedule is down']))
    expect(trouble.roles['schedule']).toMatchObject({ pid: null, state: 'down', lastEnd: 'exit code 3' })
    expect(Date.parse(trouble.roles['schedule']?.retryAt ?? '')).toBeGreaterThan(0)
    rmSync(join(folder.path, 'broken-schedule'))
    expect((await up()).started).toContain('schedule')
    expect((await status()).wrong).toEqual([])
  })

  it('gets and loses instances while it runs; the gateway starts anew, for it must know them', async () => {
    await up()
    const { gateway, ...before } = await pids()
    const { started } = await up((has) => parseInstances('serve=2', has))
    expect(started.toSorted()).toEqual(['gateway', 'serve-2'])
    const { gateway: later, 'serve-2': second, ...others } = await pids()
    expect(others).toEqual(before)
    expect(later).not.toBe(gateway)
    await up((has) => parseInstances('serve=1', has))
    expect(events()).toContain('stopped serve-2')
    expect(() => process.kill(second ?? 0, 0)).toThrow('ESRCH')
    expect(Object.keys(await pids())).not.toContain('serve-2')
  })
})
