import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { MillraceError } from '#schemas/errors.ts'
import type { Plan } from './plan.ts'

/** Where a development cluster keeps what. */
export interface ClusterFolder {
  readonly path: string
  /** Configuration of the roles. */
  readonly config: string
  /** Of a server, or of the roles together (`millrace`). */
  data(name: string): string
  log(name: string): string
  /** Of the process that owns the cluster. */
  readonly run: string
}

export function clusterFolder(dir: string): ClusterFolder {
  const path = resolve(dir)
  return {
    path,
    config: join(path, 'config.json'),
    data: (name) => join(path, 'data', name),
    log: (name) => join(path, 'logs', `${name}.log`),
    run: join(path, 'run'),
  }
}

export function makeFolders({ path, run }: ClusterFolder): void {
  for (const folder of [path, run, join(path, 'logs'), join(path, 'data')]) mkdirSync(folder, { recursive: true })
}

const Process = Type.Object({ pid: Type.Integer(), identity: Type.String() })

/** What the supervisor knows of one member. */
export const MemberRecord = Type.Object({
  /** Null when it does not run, or runs in a container. */
  process: Type.Union([Process, Type.Null()]),
  fingerprint: Type.String(),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('starting'),
    Type.Literal('ready'),
    Type.Literal('failing'),
    Type.Literal('down'),
    Type.Literal('stopped'),
  ]),
  /** Epoch ms of its last start. */
  startedAt: Type.Number(),
  /** Starts after it had died. */
  restarts: Type.Integer(),
  /** Deaths in a row that came soon after a start. */
  shortLives: Type.Integer(),
  /** Epoch ms before which it is not started again. */
  retryAt: Type.Number(),
  /** How it ended last, for people; empty if it never did. */
  lastEnd: Type.String(),
})

export type MemberRecord = Static<typeof MemberRecord>

const ClusterState = Type.Object({
  supervisor: Type.Union([Process, Type.Null()]),
  /** The plan's `asked` that this state answers. */
  asked: Type.Integer(),
  members: Type.Record(Type.String(), MemberRecord),
})

export type ClusterState = Static<typeof ClusterState>

export const noState: ClusterState = { supervisor: null, asked: 0, members: {} }

const PlanFile = Type.Object({
  format: Type.Literal(1),
  servers: Type.Union([Type.Literal('local'), Type.Literal('docker')]),
  instances: Type.Object({
    ingest: Type.Integer(),
    process: Type.Integer(),
    serve: Type.Integer(),
    train: Type.Integer(),
    schedule: Type.Integer(),
    gateway: Type.Integer(),
  }),
  partitions: Type.Integer(),
  ports: Type.Record(Type.String(), Type.Integer()),
  asked: Type.Integer(),
})

/** Undefined where `up` was never run. */
export function readPlan({ path }: ClusterFolder): Plan | undefined {
  return readJson(join(path, 'plan.json'), PlanFile)
}

export function writePlan({ path }: ClusterFolder, plan: Plan): void {
  writeWhole(join(path, 'plan.json'), plan)
}

/** Written by the supervisor alone, and by `down` where there is none. */
export function readState({ run }: ClusterFolder): ClusterState {
  return readJson(join(run, 'state.json'), ClusterState) ?? noState
}

export function writeState({ run }: ClusterFolder, state: ClusterState): void {
  writeWhole(join(run, 'state.json'), state)
}

/** In this thread and at once: nothing may happen between a start and the note of its pid. */
export function writeWhole(path: string, value: object, mode = 0o644): void {
  const part = `${path}.${randomUUID()}.part`
  writeFileSync(part, `${JSON.stringify(value, null, 2)}\n`, { mode })
  renameSync(part, path)
}

function readJson<T extends TSchema>(path: string, schema: T): Static<T> | undefined {
  if (!existsSync(path)) return undefined
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (Value.Check(schema, value)) return value
  throw new MillraceError('format-unsupported', `${path} was not written by this release`, { facts: { path } })
}
