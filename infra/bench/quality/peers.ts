import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { EvaluationSet } from '#batch/evaluation-set.ts'
import type { Round } from '#batch/tuning/successive-halving.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const packages = ['implicit==0.7.3']

export interface PeersJob {
  /** Decides the settings of the peers. */
  readonly validation: EvaluationSet
  /** What lists are made for. */
  readonly test: EvaluationSet
  readonly rounds: readonly Round[]
  readonly factors: readonly number[]
  /** EASE is fitted to so many of the most liked items at most: it inverts a dense matrix of them. */
  readonly easeItems: number
  readonly easeLambdas: readonly number[]
  readonly length: number
  readonly seed: number
  readonly threads: number
}

export interface PeerResult {
  readonly rankings: readonly Uint32Array[]
  readonly validation: number
  readonly settings: unknown
  readonly seconds: number
}

export type Peer = 'implicit' | 'ease'

/** Lets `implicit` and EASE (numpy) be tuned and fitted by `peers.py` in an environment of their own, through files in `folder`. */
export async function peerRankings(folder: string, job: PeersJob): Promise<Record<Peer, PeerResult>> {
  const { validation, test, length, ...settings } = job
  writePart(join(folder, 'validation'), validation)
  writePart(join(folder, 'test'), test)
  const sizes = { validation: sizeOf(validation), test: sizeOf(test) }
  writeFileSync(join(folder, 'job.json'), JSON.stringify({ ...settings, ...sizes, length }))
  const { stdout } = await run(await python(), [join(import.meta.dirname, 'peers.py'), folder])
  const report: Record<Peer, Omit<PeerResult, 'rankings'>> = JSON.parse(stdout)
  const resultOf = (peer: Peer) => ({ ...report[peer], rankings: listsIn(join(folder, `${peer}.u32`), length) })
  return { implicit: resultOf('implicit'), ease: resultOf('ease') }
}

/** The interpreter of a virtual environment with the peers, made in an ignored folder of the checkout. */
async function python(): Promise<string> {
  const environment = join(root, '.bench', 'python')
  const interpreter = join(environment, 'bin', 'python')
  const made = join(environment, `made-of-${packages.join('-')}`)
  if (!existsSync(made)) {
    mkdirSync(join(root, '.bench'), { recursive: true })
    await run('python3', ['-m', 'venv', environment])
    await run(interpreter, ['-m', 'pip', 'install', '--quiet', ...packages])
    writeFileSync(made, '')
  }
  return interpreter
}

function sizeOf({ train }: EvaluationSet): { readonly users: number; readonly items: number } {
  return { users: train.userIds.length, items: train.itemIds.length }
}

function writePart(folder: string, { train, tests }: EvaluationSet): void {
  mkdirSync(folder, { recursive: true })
  const rows = new Map(train.userIds.map((userId, row) => [userId, row]))
  const { starts, indices, values } = train.byUser
  const arrays = {
    starts,
    columns: indices,
    values,
    rows: Uint32Array.from(tests, ({ userId }) => rows.get(userId)!),
    ...ragged(
      'seen',
      tests.map(({ seen }) => seen),
    ),
    ...ragged(
      'relevant',
      tests.map(({ relevant }) => relevant),
    ),
  }
  for (const [name, array] of Object.entries(arrays)) writeFileSync(join(folder, name), Uint8Array.from(bytesOf(array)))
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function ragged(name: string, lists: readonly Uint32Array[]): Record<string, Uint32Array> {
  const starts = new Uint32Array(lists.length + 1)
  for (const [i, list] of lists.entries()) starts[i + 1] = starts[i]! + list.length
  const all = new Uint32Array(starts.at(-1)!)
  for (const [i, list] of lists.entries()) all.set(list, starts[i])
  return { [name]: all, [`${name}_starts`]: starts }
}

function listsIn(file: string, length: number): Uint32Array[] {
  const bytes = readFileSync(file)
  const all = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  return Array.from({ length: all.length / length }, (_, i) => all.subarray(i * length, (i + 1) * length))
}
