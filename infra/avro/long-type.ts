import avro from 'avsc'
import { unwritable, type Tap } from './tap.ts'

/** Below the one avsc loses precision without a word; above the other it refuses to read what it wrote. */
const lowest = -(2 ** 52)
const highest = 2 ** 53 - 2

export class LongType extends avro.types.LongType {
  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < lowest || value > highest) {
      throw unwritable('not a long')
    }
    tap.writeLong(value)
  }
}
