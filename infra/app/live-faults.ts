import type { HistoriesSource } from '#batch/read-histories.ts'
import { unsaid, type Interaction } from '#schemas/events/interactions.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { faultOf } from '#stream-processors/runtime/fault.ts'
import type { FoldSettings } from '#schemas/settings.ts'

/** What the live fold puts aside, for readings of the log that fold it again. */
export function liveFaults(settings: FoldSettings): Required<Pick<HistoriesSource, 'faultOf' | 'faultOfUser'>> {
  const processor = interactionsProcessor(settings)
  return {
    faultOf: (event, place) => faultOf(processor, event, place),
    faultOfUser: (userId, place) => faultOf(processor, { ...plain, userId }, place),
  }
}

/** Without a fault of its own. */
const plain: Interaction = {
  ...unsaid,
  type: 'interaction',
  id: 'any',
  userId: 'any',
  itemId: 'any',
  action: 'view',
  occurredAt: 0,
  acceptedAt: 0,
}
