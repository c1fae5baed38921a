import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unsaid, type Interaction, type InteractionsEvent } from '#schemas/events/interactions.ts'
import { hash53 } from '#schemas/math/hash.ts'
import { anyEvent } from '#schemas/ports/codec-events.contract.ts'
import { longestPlainId, type InteractionScan } from '#schemas/ports/interaction-scan.ts'
import { avroCodec } from './codec.ts'

const codec = avroCodec()

/** What a scan says of the interaction it stands at, as far as it says anything. */
function seenBy(scan: InteractionScan) {
  return {
    userId: scan.users.nameOf(scan.user),
    itemId: scan.items.nameOf(scan.item),
    action: scan.actions.nameOf(scan.action),
    value: Number.isNaN(scan.value) ? null : scan.value,
    occurredAt: scan.occurredAt,
    acceptedAt: scan.acceptedAt,
    source: scan.source === -1 ? null : scan.sources.nameOf(scan.source),
    sequence: scan.sequence,
    mended: scan.mended,
    context: scan.context(),
    hash: scan.hashOfId(),
  }
}

function seenIn(event: Interaction) {
  const { userId, itemId, action, value, occurredAt, acceptedAt, source, sequence, mended, context } = event
  const hash = hash53(event.id)
  return { userId, itemId, action, value, occurredAt, acceptedAt, source, sequence, mended, context, hash }
}

function isPlain(event: InteractionsEvent): event is Interaction {
  if (event.type !== 'interaction') return false
  const lengths = [event.id, event.userId, event.itemId].map((id) => Buffer.byteLength(id))
  return lengths.every((length) => length > 0 && length <= longestPlainId) && Number.isFinite(event.value ?? 0)
}

/** Throws where these bytes hold none. */
function decoded(bytes: Uint8Array): Interaction {
  const event = codec.decodeEvent('interactions', bytes)
  if (event.type !== 'interaction') throw new Error(`${event.type} is no interaction`)
  return event
}

describe('A scan of interactions', () => {
  it('sees in the plain ones what the decoder does, and stands back from the others', () => {
    const scan = codec.scanInteractions()
    fc.assert(
      fc.property(anyEvent.interactions, (event) => {
        const isTaken = scan.take(codec.encodeEvent('interactions', event))
        expect(isTaken ? seenBy(scan) : undefined).toEqual(isPlain(event) ? seenIn(event) : undefined)
      }),
      { numRuns: 1_000 },
    )
  })

  it('takes no bytes that the decoder refuses, and makes nothing else of those it takes', () => {
    const scan = codec.scanInteractions()
    const damage = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ maxLength: 4 }), cut: fc.nat({ max: 3 }) })
    let taken = 0
    fc.assert(
      fc.property(anyEvent.interactions.filter(isPlain), damage, (event, { at, bytes, cut }) => {
        const whole = codec.encodeEvent('interactions', event)
        whole.set(bytes.subarray(0, whole.length), at % Math.max(1, whole.length - bytes.length))
        const damaged = whole.subarray(0, whole.length - cut)
        if (!scan.take(damaged)) return
        taken++
        expect(seenBy(scan)).toEqual(seenIn(decoded(damaged)))
      }),
      { numRuns: 3_000 },
    )
    expect(taken).toBeGreaterThan(100)
  })

  it('reads what older releases wrote', () => {
    // Version 1, as `versions.test.ts` has it.
    const old =
      '4d01000006652d3106616e6e80a0abfef962f4a3abfef9620c726174696e670c66696c6d2d370200000000000012400002020c6465766963650a70686f6e6500020c696d706f72740218'
    const bytes = Uint8Array.from(Buffer.from(old, 'hex'))
    const scan = codec.scanInteractions()
    expect(scan.take(bytes)).toBe(true)
    expect(seenBy(scan)).toEqual(seenIn(decoded(bytes)))
  })

  it('numbers names as they come, and users of each partition from 0', () => {
    const scan = codec.scanInteractions()
    for (let n = 0; n < 5_000; n++) expect(scan.items.numberOf(`item ${n}`)).toBe(n)
    for (let n = 0; n < 5_000; n++) expect(scan.items.numberOf(`item ${n}`)).toBe(n)
    expect(scan.items.nameOf(4_321)).toBe('item 4321')
    expect(scan.users.numberOf('a')).toBe(0)
    scan.forgetUsers()
    expect(scan.users.numberOf('b')).toBe(0)
    expect(scan.items.size).toBe(5_000)
  })

  it('takes names that are the same string for one, however their bytes are broken', () => {
    const broken = (byte: number) => {
      const event: InteractionsEvent = {
        ...unsaid,
        type: 'interaction',
        id: 'i',
        userId: 'u?',
        itemId: 'a',
        action: 'view',
        occurredAt: 1,
        acceptedAt: 1,
      }
      const bytes = codec.encodeEvent('interactions', event)
      bytes[bytes.indexOf('?'.charCodeAt(0))] = byte
      return bytes
    }
    const scan = codec.scanInteractions()
    const users = [0xff, 0xfe].map((byte) => {
      expect(scan.take(broken(byte))).toBe(true)
      return scan.users.nameOf(scan.user)
    })
    expect(users).toEqual(['u\ufffd', 'u\ufffd'])
    expect(scan.users.size).toBe(1)
  })
})
