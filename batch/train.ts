import { MillraceError } from '#schemas/errors.ts'
import { ialsLoss } from '#schemas/math/ials-loss.ts'
import { workspace, workspaceOf, type Workspace } from '#schemas/math/workspace.ts'
import { plainContent } from '#schemas/models/content-features.ts'
import { initialFactors } from '#schemas/models/initial-factors.ts'
import type { Model } from '#schemas/models/model.ts'
import type { FitSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Factors, Interactions, Solver, SparseRows } from '#schemas/ports/solver.ts'
import { fitNeighbours } from './neighbours/fit-neighbours.ts'
import type { TrainingSet } from './training-set.ts'

/** Said after each iteration. */
export interface TrainingProgress {
  readonly iteration: number
  readonly of: number
  readonly seconds: number
  readonly loss?: number
  /** What `evaluate` answered. */
  readonly score?: number
}

export interface TrainOptions {
  readonly solver: Pick<Solver, 'gramian' | 'solveHalf'>
  readonly clock: Pick<Clock, 'now'>
  readonly set: TrainingSet
  readonly settings: FitSettings
  readonly version: string
  /** Judges the model as it stands, higher is better: training stops when that has not improved for `patience` iterations. */
  readonly evaluate?: ((model: Model) => Promise<number>) | undefined
  /** Default 3. */
  readonly patience?: number
  /** Computes the loss after each iteration too. */
  readonly withLoss?: boolean
  /** Awaited: a rejection ends the training. */
  readonly onProgress?: ((progress: TrainingProgress) => void | Promise<void>) | undefined
}

export interface Trained {
  /** Without what new items and users begin with: `content` and `profile` are empty. */
  readonly model: Model
  /** The iterations that made this model: with `evaluate`, those up to the best score. */
  readonly iterations: number
  readonly secondsPerIteration: readonly number[]
  readonly losses: readonly number[]
  readonly score?: number
}

/**
 * Fits iALS: both sides are solved in turn from seeded random factors; and the neighbours beside it. Equal sets, settings and seeds give equal bytes,
 * whatever the number of threads.
 */
export async function trainModel(options: TrainOptions): Promise<Trained> {
  const { set, settings } = options
  if (settings.iterations < 1) throw new MillraceError('invalid-input', 'a training needs at least one iteration')
  const space = workspaceOf(set.byUser.indices) ?? workspace()
  const sides = await initialSides(options, space)
  try {
    return await fitted(options, sides)
  } finally {
    space.release(sides.users.data)
    space.release(sides.items.data)
  }
}

async function fitted(options: TrainOptions, sides: Sides): Promise<Trained> {
  const { clock, set, settings, patience = 3, withLoss = false } = options
  const secondsPerIteration: number[] = []
  const losses: number[] = []
  let best: { model: Model; iterations: number; score?: number } | undefined

  for (let iteration = 1; iteration <= settings.iterations; iteration++) {
    const began = clock.now()
    await iterate(options, sides)
    const seconds = (clock.now() - began) / 1000
    secondsPerIteration.push(seconds)
    const loss = withLoss ? ialsLoss({ interactions: set.byUser, ...sides, regularisation: settings }) : undefined
    if (loss !== undefined) losses.push(loss)
    const score = await options.evaluate?.(modelOf(options, sides))
    await options.onProgress?.({
      iteration,
      of: settings.iterations,
      seconds,
      ...(loss !== undefined && { loss }),
      ...(score !== undefined && { score }),
    })
    if (score === undefined) continue
    if (best?.score === undefined || score > best.score) {
      best = { model: modelOf(options, sides), iterations: iteration, score }
    } else if (iteration - best.iterations >= patience) break
  }
  best ??= { model: modelOf(options, sides), iterations: settings.iterations }
  return { ...best, secondsPerIteration, losses }
}

interface Sides {
  readonly users: Factors
  readonly items: Factors
  readonly neighbours: SparseRows | undefined
  userGramian: Float64Array
  itemGramian: Float64Array
}

/** Only the items start at random: users are solved first, from zero. */
async function initialSides(options: TrainOptions, space: Workspace): Promise<Sides> {
  const { factors: k, seed } = options.settings
  const { solver, set } = options
  const items = factorsIn(space, set.byItem.rows, k)
  const users = factorsIn(space, set.byUser.rows, k)
  items.data.set(initialFactors(items.rows, k, seed).data)
  const neighbours = await fitNeighbours({ ...set.byUser, values: set.likes }, options.settings)
  return { items, users, neighbours, itemGramian: await solver.gramian(items), userGramian: new Float64Array(k * k) }
}

function factorsIn(space: Workspace, rows: number, k: number): Factors {
  return { rows, k, data: space.floats(rows * k).fill(0) }
}

async function iterate({ solver, set, settings }: TrainOptions, sides: Sides): Promise<void> {
  const solve = (interactions: Interactions, fixed: Factors, solved: Factors, gramian: Float64Array) =>
    solver.solveHalf({ interactions, fixed, solved, gramian, regularisation: settings, cgSteps: settings.cgSteps })
  await solve(set.byUser, sides.items, sides.users, sides.itemGramian)
  sides.userGramian = await solver.gramian(sides.users)
  await solve(set.byItem, sides.users, sides.items, sides.userGramian)
  sides.itemGramian = await solver.gramian(sides.items)
}

/** A copy: later iterations do not change it. */
function modelOf({ set, settings, version }: TrainOptions, sides: Sides): Model {
  const { byItem, byUser, itemIds } = set
  return {
    version,
    k: settings.factors,
    alpha0: settings.alpha0,
    lambda: settings.lambda,
    nu: settings.nu,
    weightExponent: settings.weightExponent,
    halfLifeDays: settings.halfLifeDays,
    items: byItem.rows,
    users: byUser.rows,
    gramian: sides.itemGramian,
    userGramian: sides.userGramian,
    itemIds,
    itemFactors: new Float32Array(sides.items.data),
    neighbours: sides.neighbours,
    itemCounts: Uint32Array.from({ length: byItem.rows }, (_, item) => byItem.starts[item + 1]! - byItem.starts[item]!),
    contentSpace: plainContent,
    content: new Float32Array(0),
    profile: new Float32Array(0),
  }
}
