import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ialsLoss } from '#schemas/math/ials-loss.ts'
import { ndcgAt } from '#schemas/math/ranking-metrics.ts'
import { scanTopK } from '#schemas/math/top-k.ts'
import { initialFactors } from '#schemas/models/initial-factors.ts'
import type { BenchContext, Table } from '../bench.ts'
import { short, whole } from '../figures.ts'
import { implicitFit, implicitPython } from './implicit-fit.ts'
import { generatedMatrix, ratedMatrix, ratedSources, type RatedMatrix } from './matrices.ts'
import { ownFit, type Fitted, type FitOrder } from './own-fit.ts'

const confidence = 39
const lambda = 0.1
const cgSteps = 3
const judgedUsers = 2_000

/** Each fit with 1 thread and 2, by turns; all rated data sets below `datasets`, then generated ones. */
export async function besideImplicit(context: BenchContext, datasets: string | undefined): Promise<Table> {
  const python = await implicitPython(join(import.meta.dirname, '../../../.bench'))
  const folder = context.folder()
  mkdirSync(folder)
  const rows: string[][] = []
  const compare = async (matrix: RatedMatrix, k: number, iterations: number) => {
    for (const threads of [1, 2]) {
      context.say(`${matrix.name}, ${k} factors, ${threads} threads, beside implicit`)
      const order = orderOf(matrix, k, iterations, threads, context.seed)
      const peer = await implicitFit(python, folder, order)
      const own = await ownFit(order)
      rows.push(rowOf(matrix, order, own, peer, own.memoryRatio))
    }
  }
  for (const name of datasets === undefined ? [] : Object.keys(ratedSources)) {
    const matrix = ratedMatrix(datasets ?? '', name, confidence)
    for (const k of [64, 128]) await compare(matrix, k, 10)
  }
  for (const millions of [2, 5, 10]) {
    context.say(`generated, ${millions} M`)
    const matrix = generatedMatrix(millions * 1e6, context.seed, confidence)
    const own = await ownFit(orderOf(matrix, 64, 2, 1, context.seed))
    rows.push([...shapeOf(matrix, 64, 1), short(best(own)), '', '', short(own.memoryRatio), '', ''])
  }
  const largest = generatedMatrix(20e6, context.seed, confidence)
  for (const k of [64, 128]) await compare(largest, k, 2)
  return { head: heads, rows }
}

const heads = [
  'data',
  'entries',
  'factors',
  'threads',
  's an iteration',
  'implicit 0.7.3',
  'times as fast',
  'memory',
  'loss, to its',
  'NDCG@10, its',
]

function orderOf(matrix: RatedMatrix, k: number, iterations: number, threads: number, seed: number): FitOrder {
  const { train } = matrix
  const first = initialFactors(train.columns, k, seed)
  return { matrix: train, confidence, first, lambda, iterations, threads, cgSteps }
}

function rowOf(
  matrix: RatedMatrix,
  { matrix: interactions, first: { k }, threads }: FitOrder,
  own: Fitted,
  peer: Fitted,
  memoryRatio: number,
): string[] {
  const regularisation = { alpha0: 1, lambda, nu: 0 }
  const loss = ({ users, items }: Fitted) => ialsLoss({ interactions, users, items, regularisation })
  return [
    ...shapeOf(matrix, k, threads),
    best(own).toPrecision(3),
    best(peer).toPrecision(3),
    (best(peer) / best(own)).toFixed(2),
    memoryRatio.toFixed(2),
    (loss(own) / loss(peer)).toFixed(5),
    matrix.heldOut.length === 0 ? '' : `${ndcg(matrix, own).toFixed(4)}, ${ndcg(matrix, peer).toFixed(4)}`,
  ]
}

function shapeOf({ name, train }: RatedMatrix, k: number, threads: number): string[] {
  return [name, whole(train.indices.length), String(k), String(threads)]
}

/** The fastest iteration: others are slower by what else the machine did. */
function best({ secondsPerIteration }: Fitted): number {
  return Math.min(...secondsPerIteration)
}

/** Mean NDCG@10 of users spread evenly over those with something held out, all unseen items ranked. */
function ndcg({ train, heldOut }: RatedMatrix, { users, items }: Fitted): number {
  const judged = heldOut.flatMap((columns, row) => (columns.length > 0 ? [row] : []))
  const every = Math.max(1, Math.floor(judged.length / judgedUsers))
  let sum = 0
  let count = 0
  for (let i = 0; i < judged.length; i += every) {
    const row = judged[i]!
    const seen = new Uint8Array(train.columns)
    for (const column of train.indices.subarray(train.starts[row], train.starts[row + 1])) seen[column] = 1
    const query = users.data.subarray(row * users.k, (row + 1) * users.k)
    const { rows } = scanTopK(query, items.data, train.columns, 10, seen)
    sum += ndcgAt(rows, new Set(heldOut[row]), 10)
    count++
  }
  return sum / count
}
