export interface ShareCalls {
  /**
   * What is owned from now on. `broken` says that the share was lost in between, if only for a moment, so that others may have worked
   * on these partitions. Resolves when this share, or a newer one, has been told.
   */
  set(partitions: readonly number[], options?: { readonly broken?: boolean }): Promise<void>
}

/**
 * Tells changes of a share one at a time. While a call is under way the newest share takes the place of older ones that wait, yet a
 * partition that was lost in between is told as lost before it is told as owned again: whoever keeps caches for it must drop them.
 * A call that rejects ends the telling: its `set` and all later ones reject.
 */
export function shareCalls(onShare: (partitions: readonly number[]) => Promise<void>): ShareCalls {
  let told: readonly number[] | undefined
  /** The part of what was told that has been owned ever since. */
  let kept: readonly number[] = []
  let newest: readonly number[] = []
  let isTelling = false
  let telling = Promise.resolve()

  function next(): readonly number[] | undefined {
    const regained = told?.some((partition) => !kept.includes(partition) && newest.includes(partition)) ?? false
    if (regained) return kept
    return told !== undefined && isSame(told, newest) ? undefined : newest
  }

  async function tell(): Promise<void> {
    for (let share = next(); share !== undefined; share = next()) {
      told = share
      kept = share
      await onShare(share)
    }
    isTelling = false
  }

  return {
    set(partitions, { broken = false } = {}) {
      newest = partitions.toSorted((a, b) => a - b)
      kept = broken ? [] : kept.filter((partition) => newest.includes(partition))
      if (!isTelling) {
        isTelling = true
        telling = tell()
      }
      return telling
    },
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((partition, i) => partition === b[i])
}
