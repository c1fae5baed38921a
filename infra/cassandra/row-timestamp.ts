import { types } from 'cassandra-driver'
import { MillraceError } from '#schemas/errors.ts'

const offsets = 2 ** 52
const highestEpoch = 2047

/**
 * Write timestamp of a row or checkpoint: epoch · 2^52 + offset, exact in 63 bits. From epoch 1 on it is above every wall
 * clock in microseconds until 2112, so it also beats a statement that was stamped by a clock. Throws `invalid-input`
 * outside 0 ≤ epoch ≤ 2047, 0 ≤ offset < 2^52.
 */
export function rowTimestamp(epoch: number, offset: number): types.Long {
  const isOffset = Number.isInteger(offset) && offset >= 0 && offset < offsets
  if (!isOffset || !Number.isInteger(epoch) || epoch < 0 || epoch > highestEpoch) {
    throw new MillraceError('invalid-input', `no position: epoch ${epoch}, offset ${offset}`, {
      facts: { epoch, offset },
    })
  }
  const high = Math.floor(offset / 2 ** 32)
  return new types.Long(offset - high * 2 ** 32, epoch * 2 ** 20 + high)
}
