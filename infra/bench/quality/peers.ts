import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { EvaluationSet } from '#batch/evaluation-set.ts'
import type { Round } from '#batch/tuning/successive-halving.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const packages = ['implicit==0.7.3']

export interface PeersJob {
  readonly peers: readonly Peer[]
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

/**
 * Lets `implicit` and EASE (numpy) be tuned and fitted by `peers.py` in an environment of their own, through files in
 * `folder`; an answer to the same job of before is taken from there. Of users who are not in the training part `implicit`
 * knows nothing: EASE alone can be asked for theirs.
 */
export async function peerRankings<P extends Peer>(
  folder: string,
  job: PeersJob & { readonly peers: readonly P[] },
): Promise<Record<P, PeerResult>> {
  const { validation, test, length, ...settings } = job
  const parts = {
    validation: writePart(join(folder, 'validation'), validation),
    test: writePart(join(folder, 'test'), test),
  }
  const order = JSON.stringify({ ...settings, ...parts, length })
  const [jobFile, reportFile] = [join(folder, 'job.json'), join(folder, 'report.json')]
  const isAnswered = existsSync(reportFile) && existsSync(jobFile) && readFileSync(jobFile, 'utf8') === order
  if (!isAnswered) {
    writeFileSync(jobFile, order)
    rmSync(reportFile, { force: true })
    const { stdout } = await run(await python(), [join(import.meta.dirname, 'peers.py'), folder])
    writeFileSync(reportFile, stdout)
  }
  const report: Record<P, Omit<PeerResult, 'rankings'>> = JSON.parse(readFileSync(reportFile, 'utf8'))
  const found: Partial<Record<P, PeerResult>> = {}
  for (const peer of job.peers) {
    found[peer] = { ...report[peer], rankings: listsIn(join(folder, `${peer}.u32`), length) }
  }
  return found as Record<P, PeerResult>
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

interface WrittenPart {
  readonly users: number
  readonly items: number
  /** Of all that was written. */
  readonly digest: string
}

function writePart(folder: string, { train, tests }: EvaluationSet): WrittenPart {
  mkdirSync(folder, { recursive: true })
  const { starts, indices, values } = train.byUser
  const known = tests.map((test) => test.known)
  const arrays = {
    starts,
    columns: indices,
    values,
    rows: Uint32Array.from(rowsOf(train, tests)),
    known_values: Float32Array.from(known.flatMap(({ weights }) => [...weights])),
    ...ragged(
      'known',
      known.map(({ columns }) => columns),
    ),
    ...ragged(
      'seen',
      tests.map(({ seen }) => seen),
    ),
    ...ragged(
      'relevant',
      tests.map(({ relevant }) => relevant),
    ),
  }
  const hash = createHash('sha256')
  for (const [name, array] of Object.entries(arrays)) {
    const bytes = Uint8Array.from(bytesOf(array))
    hash.update(bytes)
    writeFileSync(join(folder, name), bytes)
  }
  return { users: train.userIds.length, items: train.itemIds.length, digest: hash.digest('hex') }
}

/** Rows of the test users in the training part, 0 of those who are not in it. */
function rowsOf(train: EvaluationSet['train'], tests: EvaluationSet['tests']): number[] {
  const rows = new Map(train.userIds.map((userId, row) => [userId, row]))
  return tests.map(({ userId }) => rows.get(userId) ?? 0)
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
