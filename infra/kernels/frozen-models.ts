import { MillraceError } from '#schemas/errors.ts'
import type { Workspace } from '#schemas/math/workspace.ts'
import type { FoldInModel } from '#schemas/ports/solver.ts'
import type { Kernels } from './kernel-module.ts'

/** What every fold-in under one model shares, k padded to `width`. */
export interface FrozenModel {
  /** α0 YᵀY, with ones on the diagonal of the padding. */
  readonly base: Float64Array
  /** The Cholesky factor of A₀ = α0 YᵀY + λ_u I: one for each length of a history. */
  bareFactor(lambda: number): Float64Array
}

/** Models served at once, each from both sides: one, and another while they are switched. */
const modelsKept = 4

/** 256 factors at k = 64 take 8 MB. */
const bareFactorsKept = 256

/** Finds the frozen part of a model, computed once while the model is in use. */
export function frozenModels(space: Workspace, kernels: Kernels): (model: FoldInModel, width: number) => FrozenModel {
  const kept: {
    readonly gramian: Float64Array
    readonly alpha0: number
    readonly frozen: FrozenModel
    drop(): void
  }[] = []

  return (model, width) => {
    const { gramian, alpha0 } = model
    const known = kept.find((one) => one.gramian === gramian && one.alpha0 === alpha0)
    if (known !== undefined) return known.frozen
    if (kept.length >= modelsKept) kept.shift()?.drop()
    const made = frozenModel(model, width)
    kept.push({ gramian, alpha0, ...made })
    return made.frozen
  }

  function frozenModel({ gramian, alpha0, k }: FoldInModel, width: number): { frozen: FrozenModel; drop(): void } {
    const base = new Float64Array(width * width)
    for (let i = 0; i < width; i++) base[i * width + i] = 1
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) base[i * width + j] = alpha0 * gramian[i * k + j]!
    const factors = new Map<number, Float64Array>()
    const panel = space.doubles(4 * width)

    function drop(): void {
      for (const factor of factors.values()) space.release(factor)
      factors.clear()
    }

    function bareFactor(lambda: number): Float64Array {
      const known = factors.get(lambda)
      if (known !== undefined) return known
      if (factors.size >= bareFactorsKept) drop()
      const factor = space.doubles(width * width)
      setRegularised(factor, base, width, lambda)
      if (kernels.factorCholesky(factor.byteOffset, width, panel.byteOffset) === 0) throw notPositive()
      factors.set(lambda, factor)
      return factor
    }

    const dropAll = () => {
      drop()
      space.release(panel)
    }
    return { frozen: { base, bareFactor }, drop: dropAll }
  }
}

/** target = base + λ I */
export function setRegularised(target: Float64Array, base: Float64Array, width: number, lambda: number): void {
  target.set(base)
  for (let i = 0; i < width; i++) target[i * width + i]! += lambda
}

export function notPositive(): MillraceError {
  return new MillraceError('broken-invariant', 'The matrix is not positive definite')
}
