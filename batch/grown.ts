type Column = Int32Array | Uint32Array | Uint16Array | Float64Array

/** The column itself where it has room for so many; else a copy at least twice as long. */
export function grown<T extends Column>(column: T, length: number): T {
  if (length <= column.length) return column
  const wider = new (column.constructor as new (length: number) => T)(Math.max(length, 2 * column.length))
  wider.set(column)
  return wider
}
