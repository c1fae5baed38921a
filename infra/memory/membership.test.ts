import { membershipContract } from '#schemas/ports/membership.contract.ts'
import { soleMembership } from './membership.ts'

membershipContract('memory', async () => ({ partitions: 8, membership: soleMembership(8) }))
