import { scaledLambda } from '#schemas/math/regularisation.ts'
import { dot } from '#schemas/math/vector.ts'
import { workspace } from '#schemas/math/workspace.ts'
import type { Explained, FoldInModel, FoldInResult, Solver } from '#schemas/ports/solver.ts'
import { foldInSlots, type FoldInSlot } from './fold-in-slots.ts'
import { frozenModels, notPositive, setRegularised } from './frozen-models.ts'
import { kernelsOn } from './kernel-module.ts'

/**
 * `foldIn` of schemas/math/fold-in.ts in WebAssembly: the same equations in float64. A result holds no matrix: those of the
 * last few fold-ins are kept in slots, and a history whose slot was taken since is folded in again.
 */
export function wasmFoldIn(module: WebAssembly.Module): Solver['foldIn'] {
  const space = workspace()
  const kernels = kernelsOn(module, space.memory)
  const nextSlot = foldInSlots(space)
  const frozenOf = frozenModels(space, kernels)

  return (model, vectors, values) => {
    const { k } = model
    const width = Math.ceil(k / 8) * 8
    const count = values.length
    const lambda = scaledLambda(count, model.items, model)
    const owner = Symbol('fold-in')
    let slot = folded()
    const vector = new Float32Array(slot.x.subarray(0, k))

    return {
      vector,
      scores(queries) {
        const scores = new Float32Array(queries.length / k)
        for (let i = 0; i < scores.length; i++) scores[i] = dot(vector, 0, queries, i * k, k)
        return scores
      },
      contributions(query) {
        halfSolved(current(), query)
        return contributionsOfHalf()
      },
      confidence: (query) => confidenceFrom(query, halfSolved(current(), query)),
      explained(queries) {
        const explained: Explained[] = []
        for (let from = 0; from < queries.length; from += 4 * k) {
          explainFour(current(), queries.subarray(from, from + 4 * k), explained)
        }
        return explained
      },
    } satisfies FoldInResult

    function current(): FoldInSlot {
      if (slot.owner !== owner) slot = folded()
      return slot
    }

    function folded(): FoldInSlot {
      const own = nextSlot(width, count)
      own.owner = owner
      place(own.vectors, vectors, model, width)
      own.values.set(values)
      setRegularised(own.l, frozenOf(model, width).base, width, lambda)
      const [l, y, weighted, x, panel] = [own.l, own.y, own.weighted, own.x, own.panel].map((one) => one.byteOffset)
      const { byteOffset: from } = own.vectors
      const isSolved = kernels.foldIn(l!, from, own.values.byteOffset, count, width, y!, weighted!, x!, panel!)
      if (isSolved === 0) throw notPositive()
      return own
    }

    /** yᵀA⁻¹y, the squared length of L⁻¹y, which is left in the slot. */
    function halfSolved({ l, z }: FoldInSlot, query: Float32Array): number {
      setPadded(z, query)
      return kernels.squaredLength(l.byteOffset, width, z.byteOffset)
    }

    function contributionsOfHalf(): Float32Array {
      const { contributions, l, y, values: weights, z } = slot
      kernels.contribute(
        contributions.byteOffset,
        l.byteOffset,
        y.byteOffset,
        weights.byteOffset,
        count,
        width,
        z.byteOffset,
      )
      return new Float32Array(contributions.subarray(0, count))
    }

    function confidenceFrom(query: Float32Array, after: number): number {
      setPadded(slot.z, query)
      const bare = frozenOf(model, width).bareFactor(lambda)
      const before = kernels.squaredLength(bare.byteOffset, width, slot.z.byteOffset)
      return confidenceOf(before, after)
    }

    function explainFour(own: FoldInSlot, four: Float32Array, target: Explained[]): void {
      place(own.queries, four, model, width)
      const { l, y, queries, contributions, squares, room } = own
      const bare = frozenOf(model, width).bareFactor(lambda)
      const [base, factor, to, stride] = [bare.byteOffset, l.byteOffset, contributions.byteOffset, own.values.length]
      const { byteOffset: values } = own.values
      const { byteOffset: from } = queries
      kernels.explain(
        factor,
        base,
        y.byteOffset,
        values,
        count,
        width,
        from,
        to,
        stride,
        squares.byteOffset,
        room.byteOffset,
      )
      for (let q = 0; q < four.length / k; q++) {
        target.push({
          contributions: contributions.slice(q * stride, q * stride + count),
          confidence: confidenceOf(squares[q]!, squares[4 + q]!),
        })
      }
    }
  }
}

function confidenceOf(before: number, after: number): number {
  return before > 0 ? Math.max(0, 1 - Math.sqrt(after / before)) : 0
}

function place(target: Float32Array, vectors: Float32Array, { k }: FoldInModel, width: number): void {
  if (width === k) {
    target.set(vectors)
    return
  }
  for (let from = 0, at = 0; from < vectors.length; from += k, at += width) {
    setPadded(target.subarray(at, at + width), vectors.subarray(from, from + k))
  }
}

function setPadded(target: Float32Array | Float64Array, values: Float32Array): void {
  target.set(values)
  target.fill(0, values.length)
}
