import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const rooms = ['schemas', 'producers', 'stream-processors', 'batch', 'serving', 'infra'] as const
const longest = 300

/** Packages that talk to something outside: each may be imported in its adapter's folder only. */
const drivers: Readonly<Record<string, readonly string[]>> = {
  lmdb: ['infra/lmdb'],
  avsc: ['infra/avro'],
  'hnswlib-node': ['infra/hnsw'],
  '@duckdb/node-api': ['infra/duckdb'],
  'onnxruntime-node': ['infra/onnx'],
  'prom-client': ['infra/prometheus'],
  kafkajs: ['infra/kafka'],
  '@platformatic/kafka': ['infra/kafka'],
  '@kafkajs/confluent-schema-registry': ['infra/schema-registry'],
  'cassandra-driver': ['infra/cassandra'],
  ioredis: ['infra/redis'],
  '@aws-sdk/client-s3': ['infra/s3'],
  testcontainers: ['infra/servers'],
  'node-cron': ['batch'],
  'playwright-core': ['infra'],
  commander: ['infra/app/cli'],
}

interface SourceFile {
  readonly path: string
  readonly lines: number
  readonly imports: readonly string[]
}

const files = rooms.flatMap((room) => sourceFiles(join(root, room)))

describe('The architecture', () => {
  it('is tested on every room', () => {
    for (const room of rooms) expect(files.filter((file) => file.path.startsWith(`${room}/`)).length).toBeGreaterThan(2)
  })

  it('lets rooms import in one direction only', () => {
    const breaches = files.flatMap((file) =>
      file.imports
        .filter((target) => isOurs(target) && !mayImport(file.path, target))
        .map((target) => `${file.path} → ${target}`),
    )
    expect(breaches).toEqual([])
  })

  it('keeps drivers in their adapters', () => {
    const breaches = files.flatMap((file) =>
      file.imports
        .filter((target) => drivers[target]?.some((home) => file.path.startsWith(home)) === false)
        .map((target) => `${file.path} → ${target}`),
    )
    expect(breaches).toEqual([])
  })

  it('has no cycles', () => {
    expect(findCycle(new Map(files.map((file) => [file.path, file.imports.filter(isOurs)])))).toEqual([])
  })

  it('has no file longer than a reader can hold', () => {
    expect(files.filter((file) => file.lines > longest).map((file) => `${file.path}: ${file.lines}`)).toEqual([])
  })

  it('finds a cycle where there is one', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
    ])
    expect(findCycle(graph)).toEqual(['a', 'b', 'c', 'a'])
  })
})

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = relative(root, join(entry.parentPath, entry.name))
      const text = readFileSync(join(root, path), 'utf8')
      return { path, lines: text.split('\n').length - 1, imports: importsOf(path, text) }
    })
}

function importsOf(path: string, text: string): string[] {
  const specifiers = text.matchAll(
    /^(?:import|export)\b[^'"`;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  )
  return Array.from(specifiers, (match) => resolve(path, match[1] ?? match[2] ?? match[3] ?? ''))
}

/** Our own files as paths from the root, packages by their name. */
function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier))
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function isOurs(target: string): boolean {
  return rooms.some((room) => target.startsWith(`${room}/`))
}

function mayImport(from: string, target: string): boolean {
  if (from.startsWith('infra/app/') || from.startsWith('infra/bench/')) return true
  const room = from.split('/')[0]
  if (room === 'infra') return target.startsWith('schemas/') || adapterOf(target) === adapterOf(from) || isTest(from)
  return target.startsWith('schemas/') || target.startsWith(`${room}/`)
}

/** `infra/lmdb/event-log.ts` belongs to the adapter `infra/lmdb`. */
function adapterOf(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

/** An adapter's tests, and what only they use, may stand on another adapter. */
function isTest(path: string): boolean {
  return path.startsWith('infra/') && /\.(test|fixture)\.ts$/.test(path)
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const visit = (node: string, trail: readonly string[]): string[] => {
    const at = trail.indexOf(node)
    if (at !== -1) return [...trail.slice(at), node]
    if (done.has(node)) return []
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...trail, node])
      if (cycle.length > 0) return cycle
    }
    done.add(node)
    return []
  }
  for (const node of graph.keys()) {
    const cycle = visit(node, [])
    if (cycle.length > 0) return cycle
  }
  return []
}
