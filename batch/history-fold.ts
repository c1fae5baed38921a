import type { Adopt, Erase, InteractionsEvent } from '#schemas/events/interactions.ts'
import { eventTime } from '#schemas/events/interactions.ts'
import { hash53 } from '#schemas/math/hash.ts'
import type { InteractionScan } from '#schemas/ports/interaction-scan.ts'
import type { RowLimits } from '#schemas/settings.ts'
import { filedIds } from './filed-ids.ts'
import { historyEntries, type PartHistories } from './history-entries.ts'
import { importMarks } from './import-marks.ts'

/** What the fold needs of an interaction: a scan is one. */
export type NumberedInteraction = Pick<
  InteractionScan,
  'user' | 'item' | 'action' | 'value' | 'occurredAt' | 'acceptedAt' | 'source' | 'sequence' | 'mended' | 'hashOfId'
>

/** Histories of one partition, event by event in the order of its offsets. */
export interface HistoryFold {
  interaction(event: NumberedInteraction, offset: number): void
  /** Any event, as it was decoded whole. */
  whole(event: InteractionsEvent, offset: number): void
  finish(): PartHistories
}

/**
 * The fast twin of `foldUser` and `wholeHistory`, of what they make of histories alone: columns in place of rows. The
 * same events count, of each user the same are kept. It tells two ids of a user apart by `hash53`, as the live rows do
 * once a chunk is sealed.
 */
export function historyFold(
  names: Pick<InteractionScan, 'users' | 'items' | 'actions' | 'sources'>,
  limits: RowLimits,
): HistoryFold {
  const entries = historyEntries(limits)
  const ids = filedIds(limits.idWindowMs)
  const marks = importMarks()
  const clocks = entries.clocks
  /** Offset of a user's last erase. */
  const erasedAt = new Map<number, number>()
  /** Highest guest offset that was adopted, by user and guest. */
  const adopted = new Map<string, number>()

  function interaction(event: NumberedInteraction, offset: number): void {
    const { user, source, sequence } = event
    const clock = Math.max(clocks.of(user), event.acceptedAt)
    if (source === -1 || sequence === null) {
      const hash = event.hashOfId()
      if (source === -1 ? !ids.fileNew(user, hash, clock) : ids.holds(user, hash, clock)) return
    } else if (!marks.take(user, source, sequence, event.mended)) return
    clocks.set(user, clock)
    entries.append(user, event.item, event.action, event.value, eventTime(event), offset)
  }

  function erase(user: number, { id, acceptedAt }: Erase, offset: number): void {
    const clock = Math.max(clocks.of(user), acceptedAt)
    const hash = hash53(id)
    if (ids.holds(user, hash, clock)) return
    clocks.set(user, clock)
    ids.file(user, hash, clock)
    entries.erase(user)
    erasedAt.set(user, offset)
  }

  /** What one adopt carries twice counts twice, as in the rows: only ids of events before it are repeats. */
  function adopt(user: number, event: Adopt, offset: number): void {
    const clock = Math.max(clocks.of(user), event.acceptedAt)
    const hash = hash53(event.id)
    if (ids.holds(user, hash, clock)) return
    if ((erasedAt.get(user) ?? -1) > event.basedOn) return
    clocks.set(user, clock)
    const mark = `${user} ${event.guestId}`
    const known = adopted.get(mark) ?? -1
    let highest = known
    const filed = [hash]
    for (const carried of event.history) {
      if (carried.guestOffset <= known) continue
      highest = Math.max(highest, carried.guestOffset)
      const hashOfCarried = hash53(carried.id)
      if (ids.holds(user, hashOfCarried, clock)) continue
      filed.push(hashOfCarried)
      const item = names.items.numberOf(carried.itemId)
      const action = names.actions.numberOf(carried.action)
      entries.append(user, item, action, carried.value ?? Number.NaN, eventTime(carried), offset)
    }
    adopted.set(mark, highest)
    for (const one of filed) ids.file(user, one, clock)
  }

  return {
    interaction,
    whole(event, offset) {
      const user = names.users.numberOf(event.userId)
      entries.meet(user)
      switch (event.type) {
        case 'interaction':
          return interaction(
            {
              ...event,
              user,
              item: names.items.numberOf(event.itemId),
              action: names.actions.numberOf(event.action),
              value: event.value ?? Number.NaN,
              source: event.source === null ? -1 : names.sources.numberOf(event.source),
              hashOfId: () => hash53(event.id),
            },
            offset,
          )
        case 'erase':
          return erase(user, event, offset)
        case 'adopt':
          return adopt(user, event, offset)
      }
    },
    finish: () => entries.kept(),
  }
}
