export interface Claim {
  readonly member: string
  /** What the member has had so far. */
  readonly partitions: readonly number[]
  /** Generation of the group in which it had them: of two that claim the same, the later one is right. */
  readonly generation: number
}

/**
 * Even shares of partitions 0 to n - 1, no two of which differ by more than one, such that as few partitions move as is possible. The same
 * claims, in whatever order, give the same shares.
 */
export function balancedShares(partitions: number, claims: readonly Claim[]): ReadonlyMap<string, readonly number[]> {
  const kept = rightfulClaims(partitions, claims)
  const members = [...kept.keys()].toSorted()
  const least = Math.floor(partitions / members.length)
  const larger = partitions % members.length
  const sizes = new Map(
    members
      .toSorted((a, b) => (kept.get(b)?.length ?? 0) - (kept.get(a)?.length ?? 0))
      .map((member, rank) => [member, rank < larger ? least + 1 : least]),
  )
  const shares = new Map(members.map((member) => [member, (kept.get(member) ?? []).slice(0, sizes.get(member))]))
  const taken = new Set([...shares.values()].flat())
  const free = Array.from({ length: partitions }, (_, partition) => partition).filter((one) => !taken.has(one))
  for (const [member, share] of shares) {
    share.push(...free.splice(0, (sizes.get(member) ?? 0) - share.length))
    share.sort((a, b) => a - b)
  }
  return shares
}

/** What each member may keep if there is room: every partition goes to its latest claimant, in doubt to the first by name. */
function rightfulClaims(partitions: number, claims: readonly Claim[]): ReadonlyMap<string, number[]> {
  const latestFirst = claims.toSorted((a, b) => b.generation - a.generation || (a.member < b.member ? -1 : 1))
  const kept = new Map<string, number[]>()
  const taken = new Set<number>()
  for (const { member, partitions: claimed } of latestFirst) {
    const own = claimed.filter((one) => Number.isInteger(one) && one >= 0 && one < partitions && !taken.has(one))
    for (const one of own) taken.add(one)
    kept.set(
      member,
      [...new Set(own)].toSorted((a, b) => a - b),
    )
  }
  return kept
}
