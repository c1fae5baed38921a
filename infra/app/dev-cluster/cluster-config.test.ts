import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadConfig } from '../config.ts'
import { plannedConfig, roleEnvironment, writeClusterConfig } from './cluster-config.ts'
import { clusterFolder, type ClusterFolder } from './cluster-folder.ts'
import { oneOfEach, portNames, type Plan } from './plan.ts'

const instances = { ...oneOfEach, serve: 2 }
const ports = Object.fromEntries(portNames(instances).map((name, at) => [name, 20_000 + at]))
const plan: Plan = { format: 1, servers: 'local', instances, partitions: 8, ports, asked: 1 }
let folder: ClusterFolder

beforeEach(() => {
  folder = clusterFolder(mkdtempSync(join(tmpdir(), 'millrace-cluster-config-')))
})
afterEach(() => rmSync(folder.path, { recursive: true }))

const written = () => JSON.parse(readFileSync(folder.config, 'utf8'))

it('The roles find the servers and each other in the file, which nobody else may read', () => {
  writeClusterConfig(plan, folder)
  const config = loadConfig({ file: folder.config, env: {} })
  expect(config).toMatchObject({
    preset: 'cluster',
    kafkaBrokers: `127.0.0.1:${ports['kafka']}`,
    kafkaReplication: 1,
    kafkaMinInSync: 1,
    partitions: 8,
    cassandraReplication: '1',
    redisUrls: `redis://127.0.0.1:${ports['redis']}`,
    serveUrls: `http://127.0.0.1:${ports['serve']},http://127.0.0.1:${ports['serve-2']}`,
  })
  expect(config.cursorKey.length).toBeGreaterThanOrEqual(32)
  expect(statSync(folder.config).mode & 0o077).toBe(0)
})

it('What an operator has written there stays, and so does the key of cursors', () => {
  writeClusterConfig(plan, folder)
  const { cursorKey } = written()
  writeFileSync(folder.config, JSON.stringify({ ...written(), exploration: 0, kafkaBrokers: 'elsewhere:9092' }))
  writeClusterConfig(plan, folder)
  expect(written()).toMatchObject({ cursorKey, exploration: 0, kafkaBrokers: `127.0.0.1:${ports['kafka']}` })
})

it('The environment cannot lead the roles away from their cluster, and says the rest', () => {
  const planned = plannedConfig(plan, folder)
  const env = { MILLRACE_KAFKA_BROKERS: 'x:1', MILLRACE_PORT: '1', MILLRACE_FACTORS: '16', PATH: '/bin' }
  expect(roleEnvironment(env, planned)).toEqual({ MILLRACE_FACTORS: '16', PATH: '/bin' })
})
