import { MillraceError } from '#schemas/errors.ts'
import type { EncodedItem, EncoderSpec, OpenUserEncoder } from '#schemas/ports/user-encoder.ts'
import { loadOnnxRuntime, type OnnxRuntime, type OnnxSession } from './runtime.ts'

/** One thread: many users are encoded at once, each of them little work. */
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 }

/** Runs the user's side of imported models with onnxruntime-node. */
export function onnxUserEncoder(load: () => Promise<OnnxRuntime> = loadOnnxRuntime): OpenUserEncoder {
  return async (bytes, spec) => {
    const runtime = await load()
    const session = await sessionOf(runtime, bytes)
    if (!session.inputNames.includes(spec.input) || !session.outputNames.includes(spec.output)) {
      await session.release()
      throw new MillraceError(
        'format-unsupported',
        'the ONNX model has other inputs or outputs than its manifest says',
        {
          facts: { ...spec, inputs: session.inputNames, outputs: session.outputNames },
        },
      )
    }
    return {
      async encode(history) {
        const { data } = (await session.run({ [spec.input]: tensorOf(runtime, history, spec) }))[spec.output] ?? {}
        if (data instanceof Float32Array && data.length === spec.k) return data.slice()
        throw new MillraceError('broken-invariant', `output ${spec.output} is no float32 vector of length ${spec.k}`, {
          facts: { ...spec },
        })
      },
      close: () => session.release(),
    }
  }
}

async function sessionOf({ InferenceSession }: OnnxRuntime, bytes: Uint8Array): Promise<OnnxSession> {
  try {
    return await InferenceSession.create(bytes, sessionOptions)
  } catch (cause) {
    throw new MillraceError('format-unsupported', 'the bytes are no ONNX model that the runtime can read', { cause })
  }
}

function tensorOf({ Tensor }: OnnxRuntime, history: readonly EncodedItem[], spec: EncoderSpec): object {
  const { kind, items, length } = spec
  if (kind === 'bag') {
    const weights = new Float32Array(items)
    for (const { row, weight } of history) weights[row]! += weight
    return new Tensor('float32', weights, [1, items])
  }
  const rows = new BigInt64Array(length).fill(BigInt(items))
  const last = history.slice(-length)
  for (const [at, { row }] of last.entries()) rows[length - last.length + at] = BigInt(row)
  return new Tensor('int64', rows, [1, length])
}
