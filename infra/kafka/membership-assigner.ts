import kafkajs, { type PartitionAssigner } from 'kafkajs'
import { MillraceError } from '#schemas/errors.ts'
import { balancedShares, type Claim } from './membership-balance.ts'

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol

export interface AssignerOptions {
  readonly topic: string
  /** What this member claims, asked each time it joins. */
  readonly claim: () => Omit<Claim, 'member'>
}

/** All members of a group must assign by the same name and version. */
const name = 'millrace-sticky'
const version = 1

/** Shares one topic among the members by what they say they have, so that as little as possible moves. */
export function stickyAssigner({ topic, claim }: AssignerOptions): PartitionAssigner {
  return ({ cluster }) => ({
    name,
    version,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(claim()))
      return { name, metadata: MemberMetadata.encode({ version, topics, userData }) }
    },
    async assign({ members }) {
      const partitions = cluster.findTopicPartitionMetadata(topic).length
      // An empty assignment would be believed: every member would sit idle.
      if (partitions === 0) {
        throw new MillraceError('store-failed', `the partitions of ${topic} are not known`, {
          retriable: true,
          facts: { topic },
        })
      }
      const claims = members.map(({ memberId, memberMetadata }) => readClaim(memberId, memberMetadata))
      return Array.from(balancedShares(partitions, claims), ([memberId, share]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version,
          assignment: { [topic]: [...share] },
          userData: Buffer.alloc(0),
        }),
      }))
    },
  })
}

/** A member that cannot be understood claims nothing. */
function readClaim(member: string, metadata: Buffer): Claim {
  const nothing: Claim = { member, partitions: [], generation: -1 }
  const read = readJson(MemberMetadata.decode(metadata)?.userData.toString('utf8') ?? '')
  if (typeof read !== 'object' || read === null || !('partitions' in read) || !('generation' in read)) return nothing
  const { partitions, generation } = read
  if (!Array.isArray(partitions) || typeof generation !== 'number') return nothing
  return { member, partitions: partitions.filter((one) => typeof one === 'number'), generation }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
