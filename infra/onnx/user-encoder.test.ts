import { describe, expect, it } from 'vitest'
import { isMillraceError } from '#schemas/errors.ts'
import type { EncoderSpec } from '#schemas/ports/user-encoder.ts'
import { gatherSumModel, matMulModel } from './onnx-model.fixture.ts'
import { loadOnnxRuntime, onnxPackage } from './runtime.ts'
import { onnxUserEncoder } from './user-encoder.ts'

const weights = Float32Array.of(1, 0, 0, 1, 0.5, 0.5)
const bag: EncoderSpec = { input: 'history', kind: 'bag', length: 0, output: 'user', items: 3, k: 2 }
const missing = await reasonWithout()

async function reasonWithout(): Promise<string | undefined> {
  try {
    await loadOnnxRuntime()
    return undefined
  } catch (error) {
    if (!isMillraceError(error, 'tool-missing')) throw error
    return error.message
  }
}

if (missing !== undefined && process.env['REQUIRE_ONNX'] === '1') throw new Error(missing)

describe('Models in ONNX', () => {
  it('cannot be opened without their runtime: the error names the package', async () => {
    const absent = () => loadOnnxRuntime('no-such-onnxruntime')
    await expect(onnxUserEncoder(absent)(new Uint8Array(), bag)).rejects.toMatchObject({
      code: 'tool-missing',
      message: expect.stringContaining('npm install no-such-onnxruntime'),
    })
    expect(onnxPackage).toBe('onnxruntime-node')
  })

  describe.skipIf(missing !== undefined)(`with their runtime${missing === undefined ? '' : ` (${missing})`}`, () => {
    it('encode a bag of items: the sum of their rows by their weights', async () => {
      const encoder = await onnxUserEncoder()(matMulModel(weights, 3, 2), bag)
      const history = [
        { row: 0, weight: 2 },
        { row: 2, weight: -1 },
      ]
      expect([...(await encoder.encode(history))]).toEqual([1.5, -0.5])
      await encoder.close()
    })

    it('encode the last items of a sequence, padded at its beginning', async () => {
      const padded = Float32Array.of(...weights, 10, 10)
      const spec: EncoderSpec = { ...bag, kind: 'sequence', length: 2 }
      const encoder = await onnxUserEncoder()(gatherSumModel(padded, 3, 2, 2), spec)
      const rows = (...of: number[]) => of.map((row) => ({ row, weight: 1 }))
      expect([...(await encoder.encode(rows(0, 1, 2)))]).toEqual([0.5, 1.5])
      expect([...(await encoder.encode(rows(1)))]).toEqual([10, 11])
      await encoder.close()
    })

    it('are refused when they are none, or not what their manifest says', async () => {
      const open = onnxUserEncoder()
      await expect(open(Uint8Array.of(1, 2, 3), bag)).rejects.toMatchObject({ code: 'format-unsupported' })
      const misnamed = { ...bag, input: 'basket' }
      await expect(open(matMulModel(weights, 3, 2), misnamed)).rejects.toMatchObject({ code: 'format-unsupported' })
      const encoder = await open(matMulModel(weights, 3, 2), { ...bag, k: 5 })
      await expect(encoder.encode([])).rejects.toMatchObject({ code: 'broken-invariant' })
      await encoder.close()
    })
  })
})
