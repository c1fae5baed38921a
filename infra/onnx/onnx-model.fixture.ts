/**
 * Small ONNX models, written as protobuf by hand: a field is its number and wire type, then a varint or a length and
 * bytes (onnx.proto3 of ONNX IR version 8, opset 13).
 */

/** user = history · weights, for a bag of items: `history` float32 [1, items], `user` float32 [1, k]. */
export function matMulModel(weights: Float32Array, items: number, k: number): Uint8Array {
  return model([
    node('MatMul', ['history', 'weights'], ['user']),
    initializer('weights', weights, [items, k]),
    input('history', elementTypes.float32, [1, items]),
    output('user', [1, k]),
  ])
}

/** user = Σ_t weights[history_t], for a sequence: `history` int64 [1, length]; row `items` of the weights is the padding's. */
export function gatherSumModel(weights: Float32Array, items: number, k: number, length: number): Uint8Array {
  return model([
    node('Gather', ['weights', 'history'], ['each']),
    node('ReduceSum', ['each', 'axes'], ['user'], [intAttribute('keepdims', 0)]),
    initializer('weights', weights, [items + 1, k]),
    axes('axes', 1),
    input('history', elementTypes.int64, [1, length]),
    output('user', [1, k]),
  ])
}

const elementTypes = { float32: 1, int64: 7 } as const

function model(graphFields: readonly number[][]): Uint8Array {
  const graph = [...graphFields.flat(), ...text(2, 'graph')]
  const opset = [...text(1, ''), ...varint(2, 13)]
  return Uint8Array.from([...varint(1, 8), ...message(7, graph), ...message(8, opset)])
}

function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly number[][] = [],
): number[] {
  const names = [...inputs.flatMap((name) => text(1, name)), ...outputs.flatMap((name) => text(2, name))]
  return message(1, [...names, ...text(4, operator), ...attributes.flat()])
}

function intAttribute(name: string, value: number): number[] {
  return message(5, [...text(1, name), ...varint(3, value), ...varint(20, 2)])
}

function initializer(name: string, values: Float32Array, dims: readonly number[]): number[] {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const shape = dims.flatMap((size) => varint(1, size))
  return message(5, [...shape, ...varint(2, elementTypes.float32), ...text(8, name), ...message(9, raw)])
}

function axes(name: string, axis: number): number[] {
  const raw = new Uint8Array(BigInt64Array.of(BigInt(axis)).buffer)
  return message(5, [...varint(1, 1), ...varint(2, elementTypes.int64), ...text(8, name), ...message(9, raw)])
}

function input(name: string, elementType: number, dims: readonly number[]): number[] {
  return message(11, valueInfo(name, elementType, dims))
}

function output(name: string, dims: readonly number[]): number[] {
  return message(12, valueInfo(name, elementTypes.float32, dims))
}

function valueInfo(name: string, elementType: number, dims: readonly number[]): number[] {
  const shape = dims.flatMap((size) => message(1, varint(1, size)))
  const tensor = [...varint(1, elementType), ...message(2, shape)]
  return [...text(1, name), ...message(2, message(1, tensor))]
}

function varint(field: number, value: number): number[] {
  return [...bare(field << 3), ...bare(value)]
}

function message(field: number, bytes: ArrayLike<number>): number[] {
  return [...bare((field << 3) | 2), ...bare(bytes.length), ...Array.from(bytes)]
}

function text(field: number, value: string): number[] {
  return message(field, new TextEncoder().encode(value))
}

function bare(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest & 127) | 128)
  }
}
