import { MillraceError } from '#schemas/errors.ts'

/** As much of onnxruntime-node as is used. */
export interface OnnxRuntime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<OnnxSession> }
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    dims: readonly number[],
  ) => object
}

export interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { readonly data: unknown }>>>
  release(): Promise<void>
}

export const onnxPackage = 'onnxruntime-node'

/** Loads the package, which whoever imports models installs beside Millrace. Throws `tool-missing` naming it. */
export async function loadOnnxRuntime(name: string = onnxPackage): Promise<OnnxRuntime> {
  const loaded: unknown = await importOf(name)
  const runtime = isObject(loaded) && isObject(loaded['default']) ? loaded['default'] : loaded
  if (!isRuntime(runtime)) throw missing(name, new Error('it does not have InferenceSession and Tensor'))
  return runtime
}

async function importOf(name: string): Promise<unknown> {
  try {
    return await import(name)
  } catch (cause) {
    throw missing(name, cause)
  }
}

function missing(name: string, cause: unknown): MillraceError {
  return new MillraceError(
    'tool-missing',
    `models in ONNX need the package ${name}, which is not there: npm install ${name}`,
    { cause, facts: { package: name } },
  )
}

function isRuntime(value: unknown): value is OnnxRuntime {
  if (!isObject(value)) return false
  const session = value['InferenceSession']
  return typeof value['Tensor'] === 'function' && isObject(session) && typeof session['create'] === 'function'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null
}
