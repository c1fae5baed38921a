import type { AvroJson } from '#schemas/avro/schema.ts'
import { topicSchemas } from '#schemas/avro/versions.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { hash53, hash53OfAscii } from '#schemas/math/hash.ts'
import { longestPlainId, type InteractionScan } from '#schemas/ports/interaction-scan.ts'
import type { WriterIdentity } from '#schemas/ports/writer-identity.ts'
import { byteNames } from './byte-names.ts'
import { dictionaryAt, scanSteps, textAt, type Cursor } from './scan-steps.ts'

/**
 * The fields of an interaction straight from Avro's bytes, by steps made from each version of the schema. It answers only
 * for what is plain, so it need not know what is wrong with anything else.
 */
export function interactionScan(identity: WriterIdentity): InteractionScan {
  const cursor: Cursor = blankCursor()
  const stepsOf = topicSchemas.interactions.map(({ json }) => scanSteps(interactionOf(json)))
  const [items, actions, sources] = [byteNames(), byteNames(), byteNames()]
  let users = byteNames()

  const scan = {
    items,
    actions,
    sources,
    get users() {
      return users
    },
    forgetUsers() {
      users = byteNames()
    },
    user: 0,
    item: 0,
    action: 0,
    value: Number.NaN,
    occurredAt: 0,
    acceptedAt: 0,
    source: -1,
    sequence: null as number | null,
    mended: false,
    take(bytes: Uint8Array) {
      const steps = stepsOf[versionOf(bytes) - 1]
      if (steps === undefined || bytes[identity.length] !== firstOfUnion) return false
      cursor.bytes = bytes
      cursor.at = identity.length + 1
      cursor.isPlain = true
      cursor.mended = false
      for (let i = 0; i < steps.length; i++) steps[i]!(cursor)
      const { id, userId, itemId, action, source } = cursor
      if (!cursor.isPlain || cursor.at !== bytes.length) return false
      if (!isPlainId(id) || !isPlainId(userId) || !isPlainId(itemId)) return false
      scan.user = users.numberAt(bytes, userId.start, userId.end)
      scan.item = items.numberAt(bytes, itemId.start, itemId.end)
      scan.action = actions.numberAt(bytes, action.start, action.end)
      scan.source = source.start === -1 ? -1 : sources.numberAt(bytes, source.start, source.end)
      scan.value = cursor.value
      scan.occurredAt = cursor.occurredAt
      scan.acceptedAt = cursor.acceptedAt
      scan.sequence = cursor.sequence
      scan.mended = cursor.mended
      return true
    },
    hashOfId() {
      const { start, end } = cursor.id
      return hash53OfAscii(cursor.bytes, start, end) ?? hash53(textAt(cursor.bytes, start, end))
    },
    get hasContext() {
      return cursor.context.start !== -1
    },
    context: () => (cursor.context.start === -1 ? null : dictionaryAt(cursor)),
  }
  return scan

  /** 0 for the schemas of others, and for bytes that name none. */
  function versionOf(bytes: Uint8Array): number {
    try {
      const writer = identity.read('interactions', bytes)
      return typeof writer === 'number' ? writer : 0
    } catch (error) {
      if (isMillraceError(error)) return 0
      throw error
    }
  }
}

/** The branch of an interaction, as the zigzag varint that stands before it. */
const firstOfUnion = 0

function interactionOf(union: AvroJson): AvroJson {
  const branch: AvroJson | undefined = Array.isArray(union) ? union[0] : undefined
  return branch ?? null
}

function blankCursor(): Cursor {
  const none = () => ({ start: -1, end: -1 })
  return {
    bytes: new Uint8Array(0),
    at: 0,
    isPlain: true,
    id: none(),
    userId: none(),
    itemId: none(),
    action: none(),
    source: none(),
    context: none(),
    value: Number.NaN,
    occurredAt: 0,
    acceptedAt: 0,
    sequence: null,
    mended: false,
  }
}

function isPlainId({ start, end }: { readonly start: number; readonly end: number }): boolean {
  return end > start && end - start <= longestPlainId
}
